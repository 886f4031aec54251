"""Words of everyday English that tickers are, or could be. Pure data (ours).

In capitals they are emphasis more often than coins. Those of four to seven letters are what documentation
of many unrelated projects has in lower case; the others, and some names, were added by hand.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS: Final = _words(
    """
ability able about above absence abuse accept accepts access account ace acm across act acting action
actions active actual adapt adapted add added adding address adds admit adopted advance advised after again
against age agent agents ago agree agreed ahead aid aim air albeit alert alice align alive all allies allow
allowed allows ally almost alone along alpaca alpha alpine already also alts always amazon among amount
amounts amp and android angel anger angle another answer answers any anymore anyone anyway apart ape apis
apollo apple applies apps arc are area areas aren ark arm armor army around arrive arrived arrow art article
aside ask asked asking aspect asr asset assets assign assume assumes aster atkins atlas attach attacks
attempt audio audit aura authors avalanche avenue average avoid avoided aware away awkward axe baby back
backed backend backing bacon bad badger badly bag bail bake ball ban banana band bands bank banks bans bar
bard bare bars base based basic basis bat batch battle beach beam bean beans bear bears beats became because
become becomes bed bee beef been beer before beg begin begins behave behind being believe belongs benefit
berry besides best bet beta better between beyond bid biden big bigger biggest bike bills bio bird birds bit
black blah blame blank blast blend block blocks blog blood blow blue blur boat bob body bomb bond bonds bone
bones bonus book boost border borrow both bother bottom bought bound bow box boxes boy brain brave brazil
bread break breaks brett brics bridge bright bring brings broad broke broken bronze brought browser brutal
bucket budget bug buggy bugs build built bull bullet bulls bunch burger burn burns bus busy but butter
button buy buyer buys buzz bye cab cake call called calling calls came can cancel cannot cap capped capture
car card care careful carries carrot carry cars case cases cash cast castle cat catch catches cats caught
cause caused causes causing cave cell celo cent center central cents ceos certain chain chains chair champ
chance change changed changes channel charge chat cheap cheaper check checked checks cherry chess child
china choice choices choose chose chosen chunk church circle city civic civil claim claimed claims clarity
class classes classic clean cleaned clear cleared clearly clever click client clients clip clock clone
clones close closed cloud clouds clue code coding coffee coin coins color colors column combo come comes
comet coming comment commit common comp compact company compare complex compound comps compute concept
concern confirm congress consume contact contain content context control convert cookie cookies cope copied
copies copy copying core corn corner correct cosmos cost costly costs could couldn count counter counts
couple course court cover covers covid cow crab craft crafty crash crashed crashes crazy cream create
created creates crime cross crown cry crypto cult cup current curve curves custom cut cycle dad daily dam
dance daos dapp dapps dark data date dates dawn day days dead deal dealing deals debt decent decide decided
deep default defi define degen degree degrees delayed delete deliver delta demand demon den dense dent deny
depend depends depth derive desert design despite destroy details develop devices devil dexs diagram did
didn die diff diffs dig dime dip direct dirty disable disney ditch ditto divides dock docs does doesn dog
doge dogs doing dollar domain done dont door doors dot double doubled doubles down draft drag dragon draw
drawn dream dreams drift drive driven driver drivers drives drop dropped drops dry dual dubai duck due dumb
dump dumped dumping dumps during dusk dwarf each eager eagle ear earlier early earth ease easier easiest
easily easy eat eden edge edit editing editor effect effects effort egg eight either elf elon else email
emit empty enables end ended ending endings endless ends energy engine enough ensure enter entered entire
entity entry epic equal equally era erase error errors escape etfs euro euros eve even event events ever
every exact exactly example excel except excess execute exist exists exit exits expect explain explore
exposes extend extends extent extra extreme eye eyes face fact factor factors fail failed failing fails
failure fair fairly faith fake fall falling falls false family fan fancy far farm fashion fast faster
fastest fat fatal fate fault favor fear feature fee feed feeds feel few fewer field fields fight fights
figure file fill filled filling fills film films final finally find finding finds fine fines finish finite
fire fired fires first fish fit fits fitted five fix fixed fixing flag flags flame flat flavor flip floor
flow flows flu flux fly focus focused fog folders folding follow follows fomc fomo font foot for force
forced forcing forest forever forge forget fork forked forks form former forming forth forward found four
fourth fox fragile frame fraud free freedom freely freeze fresh friends fries frog from front frost frozen
full fully fun fund funds fur further future futures fuzzy gain gains gala galaxy game games gamma gap
garbage garden gas gate gates gave general gensler genuine get gets getting ghost giant giggle give given
gives giving global glory glue gmt goal goat god gods goes going gold golem gone good google got grab gram
grant grants grape graph grass great greater greedy green group grow growing grows growth gst guard guess
guide gun guns gut guy hack hacker hacks had hair half halfway hand handle hands handy hang hanging happen
happens happy hard harder harm harmony harris has hash hasn hat hate have haven having hawk head heading
heads health heap heart heaven heavy hedge hedges held hell hello help helpful helps her here hero heroes
hey hidden hide hiding high higher highest highly highs hill him hint hip his history hit hits hitting hive
hodl hold holder holders holding holds holes holo home honey honor honored honour hope horse host hosted hot
hotel hour hours house houses how however http https hub hug huge human hunter hurt hype hyper ice icon idea
ideas ignore ignores ill illegal image images impact implies improve include indeed index indexes india info
initial inject ink inn inner input inside instant instead intel inter into iota ipos iran iris iron island
issue issued issues item items its itself jade jail jam japan jar jet job jobs join joined joining joy judge
jump jumps jungle junk jupiter jury just justify juv kappa keep keeping keeps kept key keys kick kid kill
killed killing kind kinda kinds king kit kite kitty knight know knowing known knows korea lab label labeled
lack lacks lamb lambda lambo lamp land landed lap large largely larger largest last late later latest laugh
launch lava law laws lay layer layers layout lazio lazy lead leading leads leaf leak leaks learn leash least
leave leaving led left leg legacy legal lemon lend lends length less let lets letter letters letting leve
level levels lever library license lid lie life lifting light lighter like likely lime limit limited limits
line lines link linked lion lip list listed listen lists lit literal little live lives living load loaded
loads loan loans local locally lock locked log logic logical london long longer longs look looked looking
looks loop loose lord lose loser loses losing loss losses lost lot lots love low lower lowest lows luck
lucky luna lunar lynx machine macro macros mad made magic main mainly major make maker makes making man mana
manage managed manager manages mango manner mantra many map mapping maps margin mark markers market marking
marks mars mask mass massive master match math matter matters max maximum may maybe mayor mean meaning means
meant media medium meet mega melania members meme memory men mention menu merely merge mess message messing
met meta metal method metric metrics mew miami middle might migrate milk mind mine miner miners minimum mint
mints minus minute minutes mira miss missed misses missing mistake mix mixed mixing mob mock mod model
models modern mom moment moments monad money monitor monkey month monthly months moon more most mostly mouth
move moved movement moves movie movies moving much mud music musk must name named names nano nap nasa nasty
native nato natural nature navy near nearby nearly neat need needed needing needs negate net netflix network
never new newer newly news newt next nfts nice nicely night ninja nobody node nodes noise none noon nor
normal nose not note noted notes nothing notice notion now nowhere null number numbers nut nvidia oak obama
obvious ocean odd off offer offered offers often ogre oil okay old older omega omicron once one ones ongoing
onion online only onto onwards opec open opened opening opens operate opposed optimism option options oracle
orca order ordered orders origin other others our out outside over overall overly owl own owned owner pack
package packed packing pad page pages paid pair pairs pan panda panel paper par parents paris park part
parts party pass passed passes passing past paste path paths pay paying pays peace peach peak peaks pearl
peek pen penalty penny people pepe per percent perfect perform perhaps period periods perp perps person peso
pet pfizer phantom phase phone phrase pick picked picking picks pie piece pieces pig pilot pin ping pipe
pipes pirate pit pivot pixel pizza place placed places plain plan plane planned plasma play player please
plenty plot plugin plugins plum plume plus point points police policy polygon pony pool pools poor pop
popping popular pork portal ported portion porto post posts pot potato pound powell power predict prefer
present press pretend pretty prevent preview price prices pride primary prince print printed printer prior
prison private pro problem process produce product profile profit program project proof proper props protect
prove provide psg pub public pull pulled pulls pump puppy pure purely purpose push pushed pushing put putin
puts putting quality quarter queen queries query quick quickly quiet quit quite quote race racer radio rag
rain raise raised rally ram ran random range ranger ranks rap rapid rare rarely rat rate rather ratios raven
raw reach reached read reader reading reads ready real reality realize really reason reasons rebuild receive
recent record records recover red reduced refer refuse refuses regular rejects rekt related relax relaxed
release relies rely remain remains remote remove removed render replace replay repo report reports request
require reshape resort respect respond rest restart result results retains return returns reveal reverse
review rewind rewrite rib rice rich rid ride right rights rip ripple rise rises risk river road rob robust
rock rocket rockets rocks rod role roll rolling roof room rooms root rooted rose rough round route routine
row rub ruble ruby ruff rug rule rules run running runs rupee russia sad safe safely safer safety saga
sahara said sale sales salt same sample samurai sand sandbox santos sapien sat satisfy save saved saves
saving savings saw say saying says scale scaling scam scams scanner scheme schemes score scratch screen
script scripts sea search second seconds secret section secure see seed seeing seek seem seemed seems seen
sees segment self sell seller sells senate send sending sense sent serial series serve server serves service
serving session set sets setting setup setups several severe sex shadow shall share shares sharing shark she
sheep shell shield shift ship shipped shock short shorts shot should shouldn show showing shows shrink shut
shy side sigh sigma sign signal signals signed signify silence silent silly silver similar simple simply sin
since single sink sip sir siren sit site sites sitting six size skin skip skipped sky sleep slice slow
slower small smaller smart smile smoke smooth snap snaps snow soar soars sock socks soft solar sold sole
solely solid solve solving some somehow someone son song songs sonic soon sort sorted sorts soul sound
source sources spa space spam spare spark spawned special speed speeds spell spelled spend spent spin spirit
split sport sports spot spread spy square squeeze stable stack stacks stage stake stand stands star stars
start started starts startup state states stats stay stayed staying stays steel stellar step steps stick
still stock stocks stone stop stopped stops storage store stored stores storm story strange stream streams
street strict string strip strips strong stuck stuff stupid style sub subject submit succeed success such
sue sugar suggest suite sum summit sums sun super supply support suppose sure surge survive sushi swallow
swap swaps sweep swift switch sword sync syrup system systems table tables tags take taken takes taking talk
tan tank tap tar task tax taxes tea team teeth tell telling tells temp temple ten tend term terms terra
tesla test tested testing tests tether texas text than thank thanks that the theft their them theme then
theory there these theta they thin thing things think thinks third this those though thought thread three
through throw thrown thru thus ticket tie tied tiger tight till time timed times timing tin tiny tip tips
titan title titles toad today todo toe tokens tokyo told ton too took tool tools tooth top topics torn total
totally touch tour toward towards tower towns toy trace track tracked tracker tracks trade trader traffic
trail trailer train travel treat treats tree trend trial trick tried tries trigger trio trip trips troll
trouble truck true truly trump trust trusted truth try trying tub turbo turn turned turning turns tweak
twice two type typed types typical typing typo ugly under undo unicode union unique unit unless unlike until
update updated updates upgrade upload upon usage use used useful useless user users uses using usual usually
utility valley value values van vance variety vault vegas vendor verge verify version very vet via viable
video view viewing views viking vine viral virtual visit visited volt volume vote voter votes vow wait
waiting waits wake walk walking walks wall walls want wanted wants war warned warning warns wars was waste
wasted watch water wave waves wax way ways weak web website week weight weights weird welcome well went were
wet whale whales what when where whether which while whilst white who whole whom whose why wide widely wider
wig wild will win wind window windows wine wing winner wins wise wish wit witch with within without wizard
wolf won wonder word words work worked worker workers working works world wormhole worry worse worst worth
would wouldn wrap wrapped write writer writers writing written wrong wrote year years yellen yellow yes yet
yield yields yolo you your yuan zero zeta zeus zip zoo
"""
)
"""In lower case."""
