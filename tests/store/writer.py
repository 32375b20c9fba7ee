"""A process that appends to a journal until it is killed: what it was told was kept, it writes down.

    python writer.py DATABASE FEED ACKNOWLEDGED SEED

FEED is a file of events, one a line: the journey, the number of the event, and what it is. The
writer goes through them in an order of its own, singly and in batches, over and over.
"""

import os
import random
import sys

from journeyscore import Touchpoint
from journeyscore.errors import JournalUnavailable
from journeyscore.store import Journal, Outcome

KEPT = {Outcome.APPENDED, Outcome.REFOLDED, Outcome.DUPLICATE, Outcome.RETRACTED}


def event(number: int) -> tuple[str, Touchpoint]:
    """The event of this number: most stand alone, some recover or supersede another."""
    journey = f"stay-{number % 97}"
    about = {"recovers": f"e{number - 97}"} if number % 11 == 0 else {}
    if number % 13 == 0:
        about = {"supersedes": f"e{number - 97}"}
    delivered = number * 37 % 101 / 100
    touchpoint = Touchpoint(
        "hotel.valet", anticipated=0.7, delivered=delivered, id=f"e{number}", **about
    )
    return journey, touchpoint


def main() -> None:
    database, acknowledged, first, last, seed = sys.argv[1:]
    shuffled = random.Random(int(seed))
    numbers = list(range(int(first), int(last)))
    shuffled.shuffle(numbers)
    log = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Journal(database, durable=False) as journal:
        while numbers:
            size = min(len(numbers), shuffled.choice([1, 1, 1, 5, 40]))
            batch, numbers = numbers[:size], numbers[size:]
            if shuffled.random() < 0.2:
                batch.append(batch[0])
            try:
                if len(batch) == 1:
                    told = [journal.append(*event(batch[0]))]
                else:
                    told = journal.append_all(event(number) for number in batch)
            except JournalUnavailable:
                numbers += batch  # sent again later, as a feed would
                continue
            assert {each.outcome for each in told} <= KEPT, told
            os.write(log, "".join(f"{number}\n" for number in batch).encode())
    os.write(log, b"done\n")


if __name__ == "__main__":
    main()
