"""The vocabulary of service quality: one canonical list of factors, and the packs made of them.

Different authors list the same qualities under different names (courtesy, friendliness,
politeness). A pack is a published list in its own words; each of its items points at canonical
factors, so that courtesy counts once however it is called.
"""

from __future__ import annotations

from typing import NamedTuple

from .errors import UnknownName, closest


class Factor(NamedTuple):
    """One quality of service, under its canonical name.

    Attributes:
        name: the canonical name.
        meaning: what is judged, in a few words.
        aliases: other names of the same quality.
        channels: the channels on which it can be judged; empty: on all.
    """

    name: str
    meaning: str
    aliases: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


class Pack(NamedTuple):
    """A published list of factors: each item in its author's words, and the factors it means.

    Attributes:
        name: the name of the pack.
        items: pairs of the item's wording and the canonical names of its factors.
    """

    name: str
    items: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """The canonical factors of the pack, each once, in the order they first appear.

        >>> PACKS["four_elements_of_excellence"].factors
        ('courtesy', 'professionalism', 'competence', 'communication')
        """
        return tuple(dict.fromkeys(name for _, names in self.items for name in names))


CHANNELS = ("in_person", "phone", "video", "chat", "email", "letter", "app", "web")
"""Ways in which customers and a house usually meet; a host may have others."""

_HEARD = ("in_person", "phone", "video")
_THERE = ("in_person",)

FACTORS: tuple[Factor, ...] = (
    Factor("competence", "knows how, and gets it right", ("knowledge", "skill", "expertise")),
    Factor("reliability", "does what was said, every time", ("dependability", "promise_keeping")),
    Factor("speed", "how long it takes", ("time", "delivery_time", "waiting_time")),
    Factor("responsiveness", "reacts at once, and keeps at it", ("promptness", "timeliness")),
    Factor("accessibility", "can be reached, and is understood", ("availability", "access")),
    Factor("safety", "no risk to person, goods or data", ("security",)),
    Factor("courtesy", "polite and friendly", ("courteousness", "friendliness", "politeness")),
    Factor("smile", "a smile, seen or heard", ("smiling", "warmth"), _HEARD),
    Factor("consideration", "thinks of the person, cares", ("care", "caring", "thoughtfulness")),
    Factor("respect", "heard, and taken as an adult", ("dignity", "being_heard", "listening")),
    Factor("communication", "plain words, no jargon", ("clarity", "good_communicator")),
    Factor("information", "kept informed of every change", ("kept_informed", "updates")),
    Factor("recognition", "known again, by name and history", ("recognising_the_customer",)),
    Factor("personalisation", "fitted to likes and dislikes", ("personal_interaction",)),
    Factor("attitude", "helpful, positive, enthusiastic", ("helpfulness", "enthusiasm")),
    Factor("professionalism", "composed, correct, in order", ("professional_conduct",)),
    Factor("expectation_setting", "promises only what can be kept", ("realistic_promises",)),
    Factor("proactivity", "acts before being asked", ("anticipation", "initiative")),
    Factor("commitment", "someone sees the need through", ("ownership", "follow_through")),
    Factor("empowerment", "may decide and solve at once", ("authority", "solutions")),
    Factor("resourcefulness", "knows what can be drawn on", ("resource_awareness",)),
    Factor("loyalty_reward", "a long relationship is rewarded", ("long_term_relationship",)),
    Factor("cleanliness", "clean and in order", ("tidiness",), _THERE),
    Factor("comfort", "pleasant to be in and to use", ("sleep_quality",), _THERE),
    Factor("quality", "the thing itself is good", ("product_quality",)),
    Factor("value_for_money", "worth its price", ("price", "value")),
)
"""The canonical factors."""


_CANONICAL = {name: factor.name for factor in FACTORS for name in (factor.name, *factor.aliases)}


def canonical(name: str) -> str:
    """The canonical name of a factor; a name outside the vocabulary stands for itself.

    >>> canonical("friendliness"), canonical("scent")
    ('courtesy', 'scent')
    """
    return _CANONICAL.get(name, name)


def names_of(factor: str) -> tuple[str, ...]:
    """The canonical name and every alias of a factor: what a log may call it.

    >>> names_of("competence")
    ('competence', 'knowledge', 'skill', 'expertise')
    """
    wanted = canonical(factor)
    return (wanted, *(alias for alias, name in _CANONICAL.items() if name == wanted != alias))


def aliases() -> dict[str, str]:
    """Every name of every factor, with the canonical one.

    >>> aliases()["politeness"]
    'courtesy'
    """
    return dict(_CANONICAL)


def is_known(name: str) -> bool:
    """Whether the name, or the factor it is an alias of, is in the vocabulary.

    >>> is_known("politeness"), is_known("scent")
    (True, False)
    """
    return name in _CANONICAL


def applies(factor: str, channel: str | None) -> bool:
    """Whether a factor can be judged on a channel: a smile is heard on the phone, not in a mail.

    What does not apply is left out of the readings; it is not a zero. On a channel that is not in
    `CHANNELS`, and for a factor outside the vocabulary, nobody knows better than the host.

    >>> applies("smile", "phone"), applies("warmth", "email"), applies("smile", "kiosk")
    (True, False, True)
    """
    channels = _JUDGED_ON.get(canonical(factor), ())
    return not channels or channel in channels or channel not in CHANNELS


_JUDGED_ON = {factor.name: factor.channels for factor in FACTORS}


def closest_factor(name: str) -> str | None:
    """The name in the vocabulary most like this one, or None.

    >>> closest_factor("curtesy")
    'courtesy'
    """
    return closest(name, _CANONICAL)


PACKS: dict[str, Pack] = {
    pack.name: pack
    for pack in (
        Pack(
            "seven_factors_that_make_a_customer_feel_special",
            (
                ("speed and time", ("speed",)),
                ("personal interaction", ("personalisation", "recognition")),
                ("expectations", ("expectation_setting", "reliability")),
                ("courtesy and competence", ("courtesy", "competence")),
                ("information, being kept informed", ("information",)),
                ("attitude and liaison", ("attitude",)),
                ("long-term relationship", ("loyalty_reward",)),
            ),
        ),
        Pack(
            "nine_characteristics",
            (
                ("reliability", ("reliability",)),
                ("responsiveness", ("responsiveness",)),
                ("accessibility", ("accessibility",)),
                ("safety", ("safety",)),
                ("courtesy", ("courtesy",)),
                ("consideration", ("consideration",)),
                ("communication", ("communication",)),
                ("recognising the customer", ("recognition",)),
                ("competence", ("competence",)),
            ),
        ),
        Pack(
            "four_elements_of_excellence",
            (
                ("friendly and courteous", ("courtesy",)),
                ("professional in action", ("professionalism",)),
                ("competent and knowledgeable", ("competence",)),
                ("excellent communicators", ("communication",)),
            ),
        ),
        Pack(
            "four_wants",
            (
                ("expectations met or exceeded", ("reliability",)),
                ("heard, respected and cared for", ("respect", "consideration")),
                ("someone of the company cares", ("consideration",)),
                ("someone is committed to the need", ("commitment",)),
            ),
        ),
        Pack(
            "eight_traits_of_the_employee",
            (
                ("conscious of expectations", ("expectation_setting",)),
                ("anticipates problems", ("proactivity",)),
                ("aware of resources", ("resourcefulness",)),
                ("responsive in time", ("responsiveness",)),
                ("sensitive to authority", ("empowerment",)),
                ("empowered with solutions", ("empowerment",)),
                ("allied in attitude", ("attitude",)),
                ("cares for the outcome", ("consideration",)),
            ),
        ),
    )
}
"""The published packs, by name."""


def pack(name: str) -> Pack:
    """A pack by its name.

    Raises:
        UnknownName: there is no such pack; the hint names the closest.

    >>> len(pack("nine_characteristics").items)
    9
    """
    if name in PACKS:
        return PACKS[name]
    near = closest(name, PACKS)
    raise UnknownName(
        "no such pack of factors", value=name, hint=f"did you mean {near}?" if near else ""
    )
