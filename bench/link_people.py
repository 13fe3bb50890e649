"""People that nobody is, with the slips of those who write them down: for measuring linkage at any size.

Names are made of syllables and drawn by Zipf's law, so that some are common and most are rare. About one record in five
is of somebody who is there already, with zero to three slips: letters changed, left out or swapped, values missing, given
name and surname changed round, a moved home.
"""

import csv
import random
from pathlib import Path

COLUMNS = ["id", "given_name", "surname", "dob", "postcode", "city", "street", "phone"]
ONSETS = ["b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "ch", "sh", "th", "br", "st"]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
CODAS = ["", "", "n", "r", "s", "l", "m", "th", "ck", "nd"]


def words(count: int, syllables: int, chance: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choice(ONSETS) + chance.choice(VOWELS) for _ in range(syllables - 1)) + chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS)] = None
    return list(found)


class Zipf:
    """Draws from a list, the first ones oftenest."""

    def __init__(self, values: list[str], power: float):
        self.values = values
        total = 0.0
        self.upto = [total := total + 1 / (rank + 10) ** power for rank in range(len(values))]

    def draw(self, count: int, chance: random.Random) -> list[str]:
        return chance.choices(self.values, cum_weights=self.upto, k=count)


def slip(text: str, chance: random.Random) -> str:
    if len(text) < 2:
        return text
    at = chance.randrange(len(text) - 1)
    alphabet = "0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    return [
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        text[:at] + text[at + 1 :],
        text[:at] + chance.choice(alphabet) + text[at + 1 :],
        text[:at] + chance.choice(alphabet) + text[at:],
    ][chance.randrange(4)]


def make(path: Path, rows: int, seed: int = 7) -> None:
    """Writes so many records; the entity is what stands before the dash in `id`."""
    chance = random.Random(seed)
    people = rows * 4 // 5
    given = Zipf(words(4000, 2, chance), 0.9).draw(people, chance)
    surname = Zipf(words(30000, 2, chance), 0.8).draw(people, chance)
    cities = words(400, 3, chance)
    city = Zipf(cities, 0.7).draw(people, chance)
    streets = Zipf(words(8000, 2, chance), 0.5).draw(people, chance)
    place = {name: 1000 + number * 20 for number, name in enumerate(cities)}
    records = []
    for who in range(people):
        dob = f"{chance.randrange(1930, 2010)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        home = f"{chance.randrange(1, 300)} {streets[who]} {chance.choice(['street', 'road', 'avenue', 'lane'])}"
        phone = f"04{chance.randrange(10**8):08}"
        records.append([f"{who}-0", given[who], surname[who], dob, str(place[city[who]] + chance.randrange(20)), city[who], home, phone])
    copies = [0] * people
    while len(records) < rows:
        who = int(people * chance.random() ** 1.3)
        copies[who] += 1
        copy = records[who].copy()
        copy[0] = f"{who}-{copies[who]}"
        for _ in range(chance.choices([0, 1, 2, 3], [2, 4, 3, 1])[0]):
            kind, at = chance.random(), chance.randrange(1, len(COLUMNS))
            if kind < 0.6:
                copy[at] = slip(copy[at], chance)
            elif kind < 0.85:
                copy[at] = ""
            elif kind < 0.93:
                copy[1], copy[2] = copy[2], copy[1]
            else:
                copy[6] = f"{chance.randrange(1, 300)} {streets[chance.randrange(people)]} street"
        records.append(copy)
    chance.shuffle(records)
    with path.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(records)
