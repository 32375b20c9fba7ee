"""Processes that append to a journal until they are killed; what they were told was kept, they log.

    python writer.py write DATABASE LOG FIRST LAST SEED     one writer
    python writer.py kill DATABASE FOLDER KILLS SEED        eight, killed (SIGKILL) at random

The second forks its writers, so that thousands of kills take minutes.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from journeyscore import Touchpoint
from journeyscore.errors import JournalUnavailable
from journeyscore.store import Journal, Outcome

WRITERS = 8
FEED, STEP = 400, 40
"""Events that a writer is to send, and how many further on the next one begins: most overlap."""

KEPT = {Outcome.APPENDED, Outcome.REFOLDED, Outcome.DUPLICATE, Outcome.RETRACTED}


def event(number: int) -> tuple[str, Touchpoint]:
    """The event of this number: most stand alone, some recover or supersede another."""
    journey = f"stay-{number % 97}"
    about = {}
    if number % 13 == 0:
        about = {"supersedes": f"e{number - 97}"}
    elif number % 611 == 0 or number % 97 == 5:
        about = {"recovers": f"e{number - 97}"}
    delivered = number * 37 % 101 / 100
    touchpoint = Touchpoint(
        "hotel.valet", anticipated=0.7, delivered=delivered, id=f"e{number}", **about
    )
    return journey, touchpoint


def write(database: str, log: str, first: int, last: int, seed: int) -> None:
    """Send the events in an order of its own, singly and in batches, some of them twice."""
    shuffled = random.Random(seed)
    numbers = list(range(first, last))
    shuffled.shuffle(numbers)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
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
                    told = journal.append_all([event(number) for number in batch])
            except JournalUnavailable:
                numbers += batch  # sent again later, as a feed would
                continue
            assert {each.outcome for each in told} <= KEPT, told
            os.write(file, "".join(f"{number}\n" for number in batch).encode())
    os.close(file)


def kill(database: str, folder: str, kills: int, seed: int) -> None:
    """Fork eight writers, kill one after another at random, and fork the next in its place."""
    chance = random.Random(seed)
    running: list[int] = []
    turn = killed = 0
    while killed < kills:
        while len(running) < WRITERS:
            turn += 1
            pid = os.fork()
            if pid == 0:
                try:
                    log = Path(folder, f"log-{turn}")
                    write(database, str(log), turn * STEP, turn * STEP + FEED, seed + turn)
                except BaseException as error:
                    print(f"writer {turn}: {error!r}", file=sys.stderr, flush=True)
                    os._exit(1)
                os._exit(0)
            running.append(pid)
        time.sleep(chance.uniform(0, 0.12))
        pid = running.pop(chance.randrange(len(running)))
        os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status):
            killed += 1
        elif os.waitstatus_to_exitcode(status):
            sys.exit(f"writer failed with {os.waitstatus_to_exitcode(status)}")
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    print(killed + len(running), turn)


if __name__ == "__main__":
    what, place, log, *numbers = sys.argv[1:]
    {"write": write, "kill": kill}[what](place, log, *map(int, numbers))
