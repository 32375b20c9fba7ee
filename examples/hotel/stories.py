"""Four small stories of service, as journeys, each with the score that tells its point.

``python -m examples.hotel.stories`` prints them.
"""

from __future__ import annotations

from journeyscore import (
    Journey,
    Touchpoint,
    asked,
    assumed,
    experienced,
    minutes,
    promised,
    rating,
    score,
    yes_no,
)

WARMTH = rating(1, 5)
WAIT = minutes(best=0, worst=30)


def hotel_arrival() -> Journey:
    """A guest arrives at a hotel, and every contact counts towards one overall impression.

    The valet greets, sooner than he promised; the bellman has a word, and knows the name; the
    front desk manager smiles, finds the reservation, and is visibly glad that the guest came.

    >>> print(score(hotel_arrival()))
    94.61 of 100, par 75.00 (19.61 above what was anticipated); consistency 91.99; delighted
    lifted it: bellman (+8.74)
    """
    return Journey(
        "arrival",
        [
            Touchpoint(
                "hotel.valet",
                readings={
                    "courtesy": WARMTH(anticipated=assumed(4), delivered=5),
                    "speed": WAIT(anticipated=promised(10), delivered=4),
                },
            ),
            Touchpoint(
                "hotel.bellman",
                readings={
                    "courtesy": WARMTH(anticipated=assumed(4), delivered=5),
                    "recognition": WARMTH(anticipated=assumed(3), delivered=4),
                },
            ),
            Touchpoint(
                "hotel.front_desk",
                readings={
                    "smile": yes_no(anticipated=assumed(True), delivered=True),
                    "reliability": yes_no(anticipated=asked(True), delivered=True),
                    "attitude": WARMTH(anticipated=assumed(4), delivered=5),
                },
            ),
        ],
        type="arrival",
    )


def gym_smile() -> Journey:
    """At the gym there was always a smile at the door, so it is expected: today a surly face.

    The machines are as good as ever, and yet the visit is spoilt at the door.

    >>> print(score(gym_smile()))
    43.79 of 100, par 85.00 (41.21 below what was anticipated); consistency 58.78; dissatisfied
    broke it: greeting, experienced 90, delivered 10 (-41.21)
    """
    return Journey(
        "gym-visit",
        [
            Touchpoint("gym.greeting", anticipated=experienced(0.9), delivered=0.1),
            Touchpoint("gym.equipment", anticipated=experienced(0.8), delivered=0.8),
        ],
        type="gym visit",
    )


def home_store() -> Journey:
    """In the home improvement store one always had to fend for oneself, so nobody is expected.

    Today somebody who knows the shelves walks up, is interested, and helps.

    >>> print(score(home_store()))
    77.07 of 100, par 50.00 (27.07 above what was anticipated); consistency 61.72; satisfied
    made it: help, experienced 10, delivered 90 (+27.07)
    """
    return Journey(
        "home-store",
        [
            Touchpoint("retail.shelf", anticipated=experienced(0.7), delivered=0.7),
            Touchpoint("retail.help", anticipated=experienced(0.1), delivered=0.9, proactive=True),
            Touchpoint("retail.checkout", anticipated=experienced(0.7), delivered=0.7),
        ],
        type="shop visit",
    )


def bottle_of_water() -> tuple[Journey, Journey]:
    """On one flight a small bottle of water comes with a warm yes; on the next, "not our policy".

    The yes became the expectation, so the no is no mere shortage of water: it breaks the flight.

    >>> given, refused = bottle_of_water()
    >>> print(score(given))
    85.19 of 100, par 77.50 (7.69 above what was anticipated); consistency 92.31; delighted
    lifted it: water (+7.69)
    >>> print(score(refused))
    39.39 of 100, par 85.00 (45.61 below what was anticipated); consistency 54.39; dissatisfied
    broke it: water, experienced 95, delivered 5 (-45.61)
    """
    warm_yes, flat_no = 0.95, 0.05
    flights = []
    for name, anticipated, delivered in (
        ("flight-given", assumed(0.8), warm_yes),
        ("flight-refused", experienced(warm_yes), flat_no),
    ):
        water = Touchpoint("airline.water", anticipated=anticipated, delivered=delivered)
        cabin = Touchpoint("airline.cabin_service", anticipated=assumed(0.75), delivered=0.75)
        flights.append(Journey(name, [cabin, water], type="flight", customer="c-0001"))
    given, refused = flights
    return given, refused


def main() -> None:
    """Print the four stories with their scores in words."""
    given, refused = bottle_of_water()
    for title, journey in (
        ("Arriving at a hotel", hotel_arrival()),
        ("A surly face at the gym", gym_smile()),
        ("Help in the home improvement store", home_store()),
        ("A bottle of water, given", given),
        ("A bottle of water, refused", refused),
    ):
        print(f"{title}\n{score(journey)}\n")


if __name__ == "__main__":
    main()
