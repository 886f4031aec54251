"""Words of everyday English that are, or could be, tickers, and abbreviations that are no coins. Pure data (ours).

The words are those of four to seven letters that documentation of many unrelated projects has in lower case, and
what was added by hand. Upper-case, they are emphasis more often than coins. Of three letters and fewer no list is
kept: a ticker that short is doubted unless it is known well (tickers.py).
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS: Final = _words(
    """
ability able about above absence abuse accept accepts access account across acting action actions active
actual adapt adapted added adding address adds admit adopted advance advised after again against agent
agents agree agreed ahead albeit alert alice align alive allies allow allowed allows ally almost alone along
alpaca alpha alpine already also alts always amazon among amount amounts android angel anger angle another
answer answers anymore anyone anyway apart apis apollo apple applies apps area areas aren armor army around
arrive arrived arrow article aside asked asking aspect asset assets assign assume assumes aster atkins atlas
attach attacks attempt audio audit aura authors avalanche avenue average avoid avoided aware away awkward
baby back backed backend backing bacon badger badly bail bake ball banana band bands bank banks bans bard
bare bars base based basic basis batch battle beach beam bean beans bear bears beats became because become
becomes beef been beer before begin begins behave behind being believe belongs benefit berry besides best
beta better between beyond biden bigger biggest bike bills bird birds black blah blame blank blast blend
block blocks blog blood blow blue blur boat body bomb bond bonds bone bones bonus book boost border borrow
both bother bottom bought bound boxes brain brave brazil bread break breaks brett brics bridge bright bring
brings broad broke broken bronze brought browser brutal bucket budget buggy bugs build built bull bullet
bulls bunch burger burn burns busy butter button buyer buys buzz cake call called calling calls came cancel
cannot capped capture card care careful carries carrot carry cars case cases cash cast castle catch catches
cats caught cause caused causes causing cave cell celo cent center central cents ceos certain chain chains
chair champ chance change changed changes channel charge chat cheap cheaper check checked checks cherry
chess child china choice choices choose chose chosen chunk church circle city civic civil claim claimed
claims clarity class classes classic clean cleaned clear cleared clearly clever click client clients clip
clock clone clones close closed cloud clouds clue code coding coffee coin coins color colors column combo
come comes comet coming comment commit common comp compact company compare complex compound comps compute
concept concern confirm congress consume contact contain content context control convert cookie cookies cope
copied copies copy copying core corn corner correct cosmos cost costly costs could couldn count counter
counts couple course court cover covers covid crab craft crafty crash crashed crashes crazy cream create
created creates crime cross crown crypto cult current curve curves custom cycle daily dance daos dapp dapps
dark data date dates dawn days dead deal dealing deals debt decent decide decided deep default defi define
degen degree degrees delayed delete deliver delta demand demon dense dent deny depend depends depth derive
desert design despite destroy details develop devices devil dexs diagram didn diff diffs dime direct dirty
disable disney ditch ditto divides dock docs does doesn doge dogs doing dollar domain done dont door doors
double doubled doubles down draft drag dragon draw drawn dream dreams drift drive driven driver drivers
drives drop dropped drops dual dubai duck dumb dump dumped dumping dumps during dusk dwarf each eager eagle
earlier early earth ease easier easiest easily easy eden edge edit editing editor effect effects effort
eight either elon else email emit empty enables ended ending endings endless ends energy engine enough
ensure enter entered entire entity entry epic equal equally erase error errors escape etfs euro euros even
event events ever every exact exactly example excel except excess execute exist exists exit exits expect
explain explore exposes extend extends extent extra extreme eyes face fact factor factors fail failed
failing fails failure fair fairly faith fake fall falling falls false family fancy farm fashion fast faster
fastest fatal fate fault favor fear feature feed feeds feel fewer field fields fight fights figure file fill
filled filling fills film films final finally find finding finds fine fines finish finite fire fired fires
first fish fits fitted five fixed fixing flag flags flame flat flavor flip floor flow flows flux focus
focused folders folding follow follows fomc fomo font foot force forced forcing forest forever forge forget
fork forked forks form former forming forth forward found four fourth fragile frame fraud free freedom
freely freeze fresh friends fries frog from front frost frozen full fully fund funds further future futures
fuzzy gain gains gala galaxy game games gamma garbage garden gate gates gave general gensler genuine gets
getting ghost giant giggle give given gives giving global glory glue goal goat gods goes going gold golem
gone good google grab gram grant grants grape graph grass great greater greedy green group grow growing
grows growth guard guess guide guns hack hacker hacks hair half halfway hand handle hands handy hang hanging
happen happens happy hard harder harm harmony harris hash hasn hate have haven having hawk head heading
heads health heap heart heaven heavy hedge hedges held hell hello help helpful helps here hero heroes hidden
hide hiding high higher highest highly highs hill hint history hits hitting hive hodl hold holder holders
holding holds holes holo home honey honor honored honour hope horse host hosted hotel hour hours house
houses however http https huge human hunter hurt hype hyper icon idea ideas ignore ignores illegal image
images impact implies improve include indeed index indexes india info initial inject inner input inside
instant instead intel into iota ipos iran iris iron island issue issued issues item items itself jade jail
japan jobs join joined joining judge jump jumps jungle junk jupiter jury just justify kappa keep keeping
keeps kept keys kick kill killed killing kind kinda kinds king kite kitty knight know knowing known knows
korea label labeled lack lacks lamb lambda lambo lamp land landed large largely larger largest last late
later latest laugh launch lava laws layer layers layout lazy lead leading leads leaf leak leaks learn leash
least leave leaving left legacy legal lemon lend lends length less lets letter letters letting leve level
levels lever library license life lifting light lighter like likely lime limit limited limits line lines
link linked lion list listed listen lists literal little live lives living load loaded loads loan loans
local locally lock locked logic logical london long longer longs look looked looking looks loop loose lord
lose loser loses losing loss losses lost lots love lower lowest lows luck lucky luna lunar lynx machine
macro macros made magic main mainly major make maker makes making mana manage managed manager manages mango
manner mantra many mapping maps margin mark markers market marking marks mars mask mass massive master match
math matter matters maximum maybe mayor mean meaning means meant media medium meet mega melania members meme
memory mention menu merely merge mess message messing meta metal method metric metrics miami middle might
migrate milk mind mine miner miners minimum mint mints minus minute minutes mira miss missed misses missing
mistake mixed mixing mock model models modern moment moments monad money monitor monkey month monthly months
moon more most mostly mouth move moved movement moves movie movies moving much music musk must name named
names nano nasa nasty native nato natural nature navy near nearby nearly neat need needed needing needs
negate netflix network never newer newly news newt next nfts nice nicely night ninja nobody node nodes noise
none noon normal nose note noted notes nothing notice notion nowhere null number numbers nvidia obama
obvious ocean offer offered offers often ogre okay older omega omicron once ones ongoing onion online only
onto onwards opec open opened opening opens operate opposed optimism option options oracle orca order
ordered orders origin other others outside over overall overly owned owner pack package packed packing page
pages paid pair pairs panda panel paper parents paris park part parts party pass passed passes passing past
paste path paths paying pays peace peach peak peaks pearl peek penalty penny people pepe percent perfect
perform perhaps period periods perp perps person peso pfizer phantom phase phone phrase pick picked picking
picks piece pieces pilot ping pipe pipes pirate pivot pixel pizza place placed places plain plan plane
planned plasma play player please plenty plot plugin plugins plum plume plus point points police policy
polygon pony pool pools poor popping popular pork portal ported portion post posts potato pound powell power
predict prefer present press pretend pretty prevent preview price prices pride primary prince print printed
printer prior prison private problem process produce product profile profit program project proof proper
props protect prove provide public pull pulled pulls pump puppy pure purely purpose push pushed pushing
putin puts putting quality quarter queen queries query quick quickly quiet quit quite quote race racer radio
rain raise raised rally random range ranger ranks rapid rare rarely rate rather ratios raven reach reached
read reader reading reads ready real reality realize really reason reasons rebuild receive recent record
records recover reduced refer refuse refuses regular rejects rekt related relax relaxed release relies rely
remain remains remote remove removed render replace replay repo report reports request require reshape
resort respect respond rest restart result results retains return returns reveal reverse review rewind
rewrite rice rich ride right rights ripple rise rises risk river road robust rock rocket rockets rocks role
roll rolling roof room rooms root rooted rose rough round route routine ruble ruby ruff rule rules running
runs rupee russia safe safely safer safety saga sahara said sale sales salt same sample samurai sand sandbox
sapien satisfy save saved saves saving savings saying says scale scaling scam scams scanner scheme schemes
score scratch screen script scripts search second seconds secret section secure seed seeing seek seem seemed
seems seen sees segment self sell seller sells senate send sending sense sent serial series serve server
serves service serving session sets setting setup setups several severe shadow shall share shares sharing
shark sheep shell shield shift ship shipped shock short shorts shot should shouldn show showing shows shrink
shut side sigh sigma sign signal signals signed signify silence silent silly silver similar simple simply
since single sink siren site sites sitting size skin skip skipped sleep slice slow slower small smaller
smart smile smoke smooth snap snaps snow soar soars sock socks soft solar sold sole solely solid solve
solving some somehow someone song songs sonic soon sort sorted sorts soul sound source sources space spam
spare spark spawned special speed speeds spell spelled spend spent spin spirit split sport sports spot
spread square squeeze stable stack stacks stage stake stand stands star stars start started starts startup
state states stats stay stayed staying stays steel stellar step steps stick still stock stocks stone stop
stopped stops storage store stored stores storm story strange stream streams street strict string strip
strips strong stuck stuff stupid style subject submit succeed success such sugar suggest suite summit sums
super supply support suppose sure surge survive sushi swallow swap swaps sweep swift switch sword sync syrup
system systems table tables tags take taken takes taking talk tank task taxes team teeth tell telling tells
temp temple tend term terms terra tesla test tested testing tests tether texas text than thank thanks that
theft their them theme then theory there these theta they thin thing things think thinks third this those
though thought thread three through throw thrown thru thus ticket tied tiger tight till time timed times
timing tiny tips titan title titles toad today todo tokens tokyo told took tool tools tooth topics torn
total totally touch tour toward towards tower towns trace track tracked tracker tracks trade trader traffic
trail trailer train travel treat treats tree trend trial trick tried tries trigger trio trip trips troll
trouble truck true truly trump trust trusted truth trying turbo turn turned turning turns tweak twice type
typed types typical typing typo ugly under undo unicode union unique unit unless unlike until update updated
updates upgrade upload upon usage used useful useless user users uses using usual usually utility valley
value values vance variety vault vegas vendor verge verify version very viable video view viewing views
viking vine viral virtual visit visited volt volume vote voter votes wait waiting waits wake walk walking
walks wall walls want wanted wants warned warning warns wars waste wasted watch water wave waves ways weak
website week weight weights weird welcome well went were whale whales what when where whether which while
whilst white whole whom whose wide widely wider wild will wind window windows wine wing winner wins wise
wish witch with within without wizard wolf wonder word words work worked worker workers working works world
wormhole worry worse worst worth would wouldn wrap wrapped write writer writers writing written wrong wrote
year years yellen yellow yield yields yolo your yuan zero zeta zeus
"""
)
"""In lower case."""
