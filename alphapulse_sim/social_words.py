"""Words of posts: slang, emoji and cashtags, with figures of their own, so that only copies are copies."""

from collections.abc import Callable, Sequence
from typing import Final

from alphapulse_sim.news_coins import BY_TICKER

UP: Final = (
    "${coin} to the moon 🚀🚀🚀", "${coin} just ripped through resistance, bears in shambles 😂",
    "told you {name} was bottoming. LFG ${coin} 🔥", "up only. ${coin} holders eating good tonight 🤑",
    "{name} breaking out, this is bullish af", "loaded more ${coin} at the dip, already green 💎🙌",
    "never been more bullish on {name}, huge win", "${coin} printing, thank you for the cheap coins lol",
    "shorts getting squeezed on ${coin}, love to see it", "{name} is winning and everybody knows it 🐂",
    "wagmi ${coin} fam, best week in months", "finally in profit on {coin}, feels great 😎",
    "${coin} sending it, new highs next", "buying every dip of {name}, great news keeps coming",
)  # fmt: skip
DOWN: Final = (
    "${coin} getting absolutely wrecked 😭", "rekt again. {name} dumping like there's no tomorrow 📉",
    "panic selling ${coin} here, this is bearish", "{name} lost support, next stop way lower. stay safe",
    "liquidated on my ${coin} long. I hate it here", "bagholders of ${coin} in pain today 🩸",
    "ngmi with ${coin}, this looks terrible", "{name} is dead, worst chart in crypto",
    "another scam in the {name} space, I am so tired", "down bad on {coin}, sold at a huge loss",
    "whales dumping ${coin} on us again, awful", "fear everywhere, ${coin} about to crash hard 🐻",
    "{name} failing at every resistance, weak", "paper hands won, ${coin} bleeding all day 😤",
)  # fmt: skip
FLAT: Final = (
    "anyone else watching ${coin} this week?", "daily {name} discussion: what are you holding and why?",
    "how do I move {coin} to a hardware wallet?", "gm. {name} doing nothing again 🥱",
    "explain like I'm five: what does {name} actually do", "is {coin} staking worth it in your opinion?",
    "which exchange has the lowest fees for {coin}?", "tax question about {name} I bought last year",
    "{name} meetup in my town, who is coming?", "reading the {name} docs today, any pointers?",
    "when is the next {name} upgrade scheduled?", "do you keep ${coin} on a ledger or on an exchange",
    "how many transactions does {name} do in a day?", "weekly poll: ${coin} or cash?",
)  # fmt: skip
SPAM: Final = (
    "🚨 FREE {coin} AIRDROP 🚨 claim your tokens before it closes, join t.me/{coin}_drop and tag 3 friends",
    "I turned 500 USDT into 12k with this {name} signal group, DM @{coin}whale_{number} for a free trial",
)  # fmt: skip
SAYS: Final = (
    "Been in since block {figure}.", "My bag is {figure} {coin} by now.", "Average entry {figure} here.",
    "Day {figure} of holding.", "Set an alert at {figure}.", "Watching the {figure} level.",
    "That is {figure} posts about it today alone.", "Asked {figure} people, all say the same.",
    "Screen time {figure} minutes and counting.", "Moved {figure} {coin} to cold storage.",
)  # fmt: skip
MORE: Final = (
    "not financial advice obviously.", "what do you guys think?", "cc @{friend}",
    "as u/{friend} said yesterday.", "mail me at {friend}@example.com if you want my sheet.",
    "volume looks real this time.", "anyway, back to work.", "change my mind.", "",
)  # fmt: skip
_OF_MOOD: Final = {"up": UP, "down": DOWN, "flat": FLAT, "spam": SPAM}


def words(coin: str, mood: str, draw: Callable[[], float], authors: int, day: int) -> tuple[str, str]:
    """Title and text of a post; what is spammed is the same for a `day`. `draw` gives numbers in [0, 1)."""
    first, second, third, more = draw(), draw(), draw(), draw()
    figure = int(10 ** (1 + 4 * draw()))
    given = {
        "coin": coin,
        "name": BY_TICKER[coin].name,
        "friend": f"hodl_{int(draw() * authors)}",
        "figure": f"{figure:,}",
        "number": day % 100,
    }

    def said(choices: Sequence[str], which: float) -> str:
        return choices[int(which * len(choices))].replace("${coin}", "$" + coin).format(**given)

    title = said(_OF_MOOD[mood], first)
    if mood == "spam":
        return title, title
    return title, f"{said(_OF_MOOD[mood], second)} {said(SAYS, third)} {said(MORE, more)}".strip()
