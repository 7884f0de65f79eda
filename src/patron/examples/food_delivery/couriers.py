"""Invented towns, restaurants and couriers, and how long a way takes in which traffic and weather."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import NamedTuple

TRAFFIC_MINUTES = {"Low": 0, "Medium": 4, "High": 8, "Jam": 12}
"""How much longer a delivery takes than in low traffic."""

WEATHER_MINUTES = {"Sunny": 0, "Windy": 2, "Stormy": 4, "Sandstorms": 4, "Cloudy": 5, "Fog": 6}
"""How much longer than in the sun."""

FIRST_DAY, DAYS = date(2023, 1, 9), 49
_TOWNS = {"LUMI": (21.42, 79.31), "KORA": (17.15, 76.88), "VESH": (24.73, 83.04), "OMBA": (13.61, 78.22)}
_RESTAURANTS, _COURIERS = 12, 3
_TRAFFIC_SHARES, _CITY_TYPES = (34, 24, 10, 32), {"Metropolitian": 75, "Urban": 22, "Semi-Urban": 3}
_KINDS = ("Drinks", "Buffet", "Snack", "Meal")
_VEHICLES = {"motorcycle": 58, "scooter": 33, "electric_scooter": 8, "bicycle": 1}
_HOURS = dict(zip(range(8, 24), (2, 3, 3, 4, 5, 5, 3, 3, 3, 7, 9, 10, 10, 9, 8, 7), strict=True))
_BASE_MINUTES, _MINUTES_A_DEGREE, _SHARED_TRIP_MINUTES, _NOISE_MINUTES = 11, 60, 2, 3


class Courier(NamedTuple):
    """A courier rides for one restaurant; latitude and longitude are the restaurant's."""

    courier_id: str
    age: int
    latitude: float
    longitude: float

    @property
    def restaurant(self) -> str:
        return self.courier_id.partition("DEL")[0]


class Delivery(NamedTuple):
    """One order and its delivery. reach: the distance, in degrees both north and east."""

    order_id: str
    courier: Courier
    rating: float
    ordered_at: datetime
    picked_up_at: datetime
    weather: str
    traffic: str
    vehicle: str
    kind: str
    trips: int
    city_type: str
    reach: float
    minutes: int


def draw_couriers(rng: random.Random) -> list[Courier]:
    """Draw three couriers for each of twelve restaurants in each town."""
    couriers = []
    for town, (latitude, longitude) in _TOWNS.items():
        for number in range(1, _RESTAURANTS + 1):
            at = round(latitude + rng.uniform(-0.1, 0.1), 6), round(longitude + rng.uniform(-0.1, 0.1), 6)
            for courier in range(1, _COURIERS + 1):
                couriers.append(Courier(f"{town}RES{number:02d}DEL{courier:02d}", rng.randint(20, 39), *at))
    return couriers


def draw_deliveries(count: int, couriers: list[Courier], rng: random.Random) -> list[Delivery]:
    """Draw deliveries of seven weeks; numbers are hexadecimal and say nothing. At most 65,536."""
    return [_draw_delivery(f"{number:#x}", rng.choice(couriers), rng) for number in rng.sample(range(0x10000), count)]


def _draw_delivery(order_id: str, courier: Courier, rng: random.Random) -> Delivery:
    day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    hour = rng.choices(list(_HOURS), list(_HOURS.values()))[0]
    ordered_at = datetime(day.year, day.month, day.day, hour, rng.randrange(0, 60, 5))
    weather, traffic = rng.choice(list(WEATHER_MINUTES)), rng.choices(list(TRAFFIC_MINUTES), _TRAFFIC_SHARES)[0]
    trips, reach = rng.choices((0, 1, 2, 3), (31, 62, 5, 2))[0], rng.randint(1, 13) / 100
    minutes = _BASE_MINUTES + _MINUTES_A_DEGREE * reach + _SHARED_TRIP_MINUTES * trips + rng.gauss(0, _NOISE_MINUTES)
    return Delivery(
        order_id,
        courier,
        rating=rng.randint(40, 50) / 10,
        ordered_at=ordered_at,
        picked_up_at=ordered_at + timedelta(minutes=rng.choice((5, 10, 15))),
        weather=weather,
        traffic=traffic,
        vehicle=_choose(_VEHICLES, rng),
        kind=rng.choice(_KINDS),
        trips=trips,
        city_type=_choose(_CITY_TYPES, rng),
        reach=reach,
        minutes=max(10, round(minutes + TRAFFIC_MINUTES[traffic] + WEATHER_MINUTES[weather])),
    )


def _choose(shares: dict[str, int], rng: random.Random) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]
