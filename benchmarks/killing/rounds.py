"""Rounds: a client at work, a kill at a random moment of one act, and what is there afterwards."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing.context import ForkServerContext
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.killing.ledger import Ledger, Sent, share_of, violations
from benchmarks.killing.victim import (
    BUILDING,
    LOOKING,
    PATIENCE_S,
    SWAPPING,
    Phases,
    Victim,
    settings_for,
    start,
    until,
)
from index.store import Place, Store
from tests.index.pictures import photo
from tests.serve.fakes import LayoutEmbedder
from tests.serve.running import parts

BRANDS = ("acme", "bolt", "zenith")
STANDING = 6  # references, in all; more are withdrawn, the oldest first
# How long after an act was seen to begin the kill may come, at the most: about as long as it takes.
LASTS_S = {"upload": 0.08, "withdraw": 0.05, "build": 0.15, "swap": 0.02, "roll-out": 0.03, "rescan": 0.15}
SHARES = (0.0, 0.5, 1.0)  # of listings, that a roll-out is given
ROLLED = 0.4  # share of turns in which a roll-out is changed
AWAITED = 0.5  # share of turns after which the gallery is waited for: rescans begin when it has what changed


@dataclass
class Tally:
    """What the rounds came to."""

    targets: Counter[str] = field(default_factory=Counter)  # act that a kill was aimed at
    struck: Counter[str] = field(default_factory=Counter)  # what was under way when it came
    acknowledged: int = 0
    withdrawn: int = 0
    repeated: int = 0  # uploads that were under way, sent again with their keys
    rolled: int = 0  # roll-outs begun, given another share, promoted or abandoned: it was answered
    inspected: int = 0  # listings answered, and kept to be looked at again
    revised: int = 0  # decided otherwise since
    violations: list[str] = field(default_factory=list)


class Client:
    """Uploads, inspects, rolls out and withdraws, one act after the other, until nobody answers."""

    def __init__(self, http: httpx.Client, ledger: Ledger, dice: random.Random, tally: Tally) -> None:
        self.http, self.ledger, self.dice, self.tally = http, ledger, dice, tally
        self.act = "idle"
        self.version = 0  # of the store, as last told
        self.fault: Exception | None = None
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        """Until the service is gone."""
        try:
            while True:
                self.upload()
                self.inspect()
                if self.dice.random() < ROLLED:
                    self.roll(self.dice.choice(sorted(set(self.ledger.acknowledged.values()))))
                while len(standing := self.ledger.standing()) > STANDING:
                    self.withdraw(standing[0])
                if self.dice.random() < AWAITED:
                    until(lambda: searchable(self.http, self.version))
        except httpx.TransportError:
            return  # killed
        except Exception as fault:
            self.fault = fault

    def upload(self) -> None:
        """Two new photos."""
        photos = tuple(photo(self.dice.getrandbits(32)) for _ in range(2))
        sent = Sent(self.dice.choice(BRANDS), uuid4().hex, photos)
        self.ledger.photos |= dict(zip(sent.references, photos, strict=True))
        self.ledger.unanswered, self.act = sent, "upload"
        send(self.http, sent)
        self.ledger.acknowledge(sent)
        self.act = "idle"

    def inspect(self) -> None:
        """A listing that shows a reference and claims its brand; it is decided otherwise once that leaves."""
        reference = self.dice.choice(self.ledger.standing())
        form = {"claimed_brand": self.ledger.acknowledged[reference], "listing_id": uuid4().hex}
        sent = parts("photos", [self.ledger.photos[reference]])
        answer = self.http.post("/v1/inspections", files=sent, data=form)
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:  # not ready, or too much to do: nothing is promised
            return
        said = answer.raise_for_status().json()
        self.ledger.answers[said["id"]] = (said["decision"], said["brand"])
        self.tally.inspected += 1

    def roll(self, brand: str) -> None:
        """Begin a brand's roll-out, give it another share, or end it."""
        how = self.dice.choice(["put", "promote", "abandon"]) if brand in self.ledger.rollouts else "put"
        share, path = self.dice.choice(SHARES), f"/v1/brands/{brand}/rollout"
        leaving = self.ledger.joined[brand] - self.ledger.withdrawn if how == "abandon" else set()
        self.ledger.in_doubt |= leaving
        self.ledger.rollout_in_doubt, self.act = brand, "roll-out"
        if how == "put":
            self.http.put(path, json={"share": share}).raise_for_status()
        else:
            self.http.post(f"{path}/{how}").raise_for_status()
        self.ledger.rolled(brand, share if how == "put" else None)
        self.ledger.withdrawn |= leaving
        self.ledger.in_doubt -= leaving
        self.tally.rolled += 1
        self.act = "idle"

    def withdraw(self, reference: str) -> None:
        """One of the references."""
        self.ledger.in_doubt.add(reference)
        self.act = "withdraw"
        brand = self.ledger.acknowledged[reference]
        answer = self.http.delete(f"/v1/brands/{brand}/references/{reference}").raise_for_status()
        self.version = answer.json()["version"]
        self.ledger.withdrawn.add(reference)
        self.ledger.in_doubt.discard(reference)
        self.act = "idle"


def send(http: httpx.Client, sent: Sent) -> None:
    """Upload, and require that all of it is kept."""
    headers = {"Idempotency-Key": sent.key}
    answer = http.post(f"/v1/brands/{sent.brand}/references", files=parts("files", sent.photos), headers=headers)
    answer.raise_for_status()
    kept = [file["reference"] for file in answer.json()["files"]]
    if kept != list(sent.references):
        raise AssertionError(f"not all of an upload was kept: {answer.text}")


def run(
    forks: ForkServerContext,
    place: Place,
    kills: int,
    seed: int,
    watch: Callable[[Tally], None] = lambda tally: None,
    until_s: float = float("inf"),
    aims: Sequence[str] = tuple(LASTS_S),
) -> Tally:
    """Kill so often, or until `time.monotonic()` is so late; what is started after a kill is the next victim."""
    dice, ledger, tally = random.Random(seed), Ledger(), Tally()
    phases = Phases(forks.Value("i", 0), forks.Value("i", 0))
    settings = settings_for(place)
    victim = start(forks, settings, phases)
    try:
        for brand in BRANDS:
            victim.http.put(f"/v1/brands/{brand}").raise_for_status()
        for number in range(kills):
            if time.monotonic() > until_s:
                break
            target = aims[number % len(aims)]
            strike(victim, Client(victim.http, ledger, dice, tally), target, phases, tally)
            tally.violations += violations(place, ledger, LayoutEmbedder.fingerprint)
            victim = start(forks, settings, phases)
            resume(victim.http, place, ledger, tally)
            watch(tally)
    finally:
        victim.kill()
        victim.http.close()
    tally.acknowledged, tally.withdrawn = len(ledger.acknowledged), len(ledger.withdrawn)
    return tally


def strike(victim: Victim, client: Client, target: str, phases: Phases, tally: Tally) -> None:
    """Let the client work, and kill the service at a random moment of the act aimed at."""
    client.thread.start()
    time.sleep(client.dice.uniform(0.0, 0.3))
    await_act(client, target, phases)
    time.sleep(client.dice.uniform(0.0, LASTS_S[target]))
    doing = under_way(client, phases)
    victim.kill()
    client.thread.join(PATIENCE_S)
    victim.http.close()
    if client.fault is not None:
        raise client.fault
    tally.targets[target] += 1
    tally.struck.update(doing or {"between acts"})


def under_way(client: Client, phases: Phases) -> set[str]:
    """What client and service are at."""
    shown = {BUILDING: "build", SWAPPING: "swap", LOOKING: "rescan"}
    seen = (shown.get(phase.value, "idle") for phase in (phases.builder, phases.rescanner))
    return {client.act, *seen} - {"idle"}


def await_act(client: Client, target: str, phases: Phases) -> None:
    """Until the act is under way, or the client gave up."""
    until(lambda: target in under_way(client, phases) or not client.thread.is_alive(), pause_s=0.001)
    if client.fault is not None:
        raise client.fault


def resume(http: httpx.Client, place: Place, ledger: Ledger, tally: Tally) -> None:
    """After a restart: send again what was not answered, settle what was in doubt, and match nothing withdrawn."""
    if ledger.unanswered is not None:
        send(http, ledger.unanswered)
        ledger.acknowledge(ledger.unanswered)
        tally.repeated += 1
    sets = [http.get(f"/v1/brands/{brand}/references").json() for brand in BRANDS]
    there = [each["id"] for one in sets for each in one["references"]]
    if len(there) != len(set(there)):
        tally.violations.append("an upload was done twice")
    if ledger.rollout_in_doubt is not None:
        tally.violations += settled(place, ledger, ledger.rollout_in_doubt, there)
    ledger.settle(there)
    tally.violations += [f"lost after the restart: {each}" for each in set(ledger.standing()) - set(there)]
    until(lambda: searchable(http, max(one["version"] for one in sets)))
    until(lambda: all(each["state"] not in ("waiting", "running") for each in rescans(http)))
    tally.violations += looked_again(http, place)
    tally.revised = len(http.get("/v1/revisions", params={"limit": 1000}).json()["revisions"])
    tally.violations += [f"withdrawn and matched: {each}" for each in matched(http, ledger) & ledger.withdrawn]


def settled(place: Place, ledger: Ledger, brand: str, there: Sequence[str]) -> list[str]:
    """Note what became of a roll-out whose answer was lost; what is wrong where an abandoned one left half a set."""
    store = Store.at(place)
    share = share_of(store, brand)
    store.close()
    leaving = ledger.in_doubt & ledger.joined.get(brand, set())
    left = len(leaving - set(there))
    ledger.rolled(brand, share)
    return [f"half abandoned: {left} of {len(leaving)} left"] if left not in (0, len(leaving)) else []


def rescans(http: httpx.Client) -> list[dict[str, Any]]:
    """Of all brands, as they are told."""
    return [each for brand in BRANDS for each in http.get(f"/v1/brands/{brand}/rescans").json()["rescans"]]


def looked_again(http: httpx.Client, place: Place) -> list[str]:
    """Rescans that failed, or are done and left a listing."""
    found = [f"a rescan failed: {each}" for each in rescans(http) if each["state"] != "done"]
    store = Store.at(place)
    for brand in BRANDS:
        for rescan in store.rescans.of(brand)[:1]:  # the newest has the others' changes
            found += [f"not looked at again: {each.inspection}" for each in store.kept_listings.left_for(rescan, 100)]
    store.close()
    return found


def matched(http: httpx.Client, ledger: Ledger) -> set[str]:
    """The references that the very photo of a withdrawn one is nearest to."""
    gone = sorted(ledger.withdrawn & set(ledger.photos))
    if not gone:
        return set()
    answer = http.post("/v1/inspections", files=parts("photos", [ledger.photos[gone[0]]])).raise_for_status().json()
    for reference in gone:
        del ledger.photos[reference]
    return {region["nearest_reference"] for found in answer["photos"] for region in found["regions"]}


def searchable(http: httpx.Client, version: int) -> bool:
    """Whether the gallery in service has this version of the store."""
    answer = http.get("/ready")
    return answer.status_code == 200 and answer.json()["gallery_store_version"] >= version
