"""Invented people who answer a survey, some of them twice, and what they write."""

from __future__ import annotations

import random

HEADER = (
    *("Age", "Gender", "Marital Status", "Occupation", "Monthly Income", "Educational Qualifications", "Family size"),
    *("latitude", "longitude", "Pin code", "Medium (P1)", "Medium (P2)", "Meal(P1)", "Meal(P2)", "Perference(P1)"),
    *("Perference(P2)", "Ease and convenient", "Time saving", "More restaurant choices", "Easy Payment option"),
    *("More Offers and Discount", "Good Food quality", "Good Tracking system", "Self Cooking", "Health Concern"),
    *("Late Delivery", "Poor Hygiene", "Bad past experience", "Unavailability", "Unaffordable", "Long delivery time"),
    *("Delay of delivery person getting assigned", "Delay of delivery person picking up food", "Wrong order delivered"),
    *("Missing item", "Order placed by mistake", "Influence of time", "Order Time", "Maximum wait time"),
    *("Residence in busy location", "Google Maps Accuracy", "Good Road Condition", "Low quantity low time"),
    *("Delivery person ability", "Influence of rating", "Less Delivery time", "High Quality of package"),
    *(
        "Number of calls",
        "Politeness",
        "Freshness ",
        "Temperature",
        "Good Taste ",
        "Good Quantity",
        "Output",
        "Reviews",
    ),
)
WORDS = {
    "positive": (
        "I love the food and the fast delivery",
        "Best service in town, wonderful riders",
        "Great offers and good quality",
        "The delivery people are polite and friendly",
        "I love their service \r\n- from a member",
    ),
    "negative": (
        "Worst delivery, the food was cold and late",
        "I hate waiting an hour for bad food",
        "Terrible packaging, spilled and damaged",
        "Rude rider, very disappointed",
        "Poor tracking and poor support",
    ),
    "neutral": (
        "My home is near the market",
        "Delivery takes half an hour to my street",
        "Restaurants in my street open at seven",
    ),
    "none": ("Nil", "NIL", "nil", "No", "None", "NA", "-", ""),
}
"""What people write, by how it sounds; `none` are the words of who writes nothing."""

_WORDS_SHARES = {"positive": 28, "negative": 18, "neutral": 12, "none": 42}
_ABOUT = {
    "Marital Status": ("Single", "Single", "Married", "Prefer not to say"),
    "Occupation": ("Student", "Student", "Employee", "Self Employeed", "House wife"),
    "Monthly Income": ("No Income", "Below Rs.10000", "10001 to 25000", "25001 to 50000", "More than 50000"),
    "Educational Qualifications": ("Graduate", "Post Graduate", "Ph.D", "School"),
    "Medium (P1)": ("Food delivery apps", "Food delivery apps", "Walk-in", "Direct call"),
    "Medium (P2)": (" Web browser", " Direct call", " Walk-in"),
    "Meal(P1)": ("Breakfast", "Lunch", "Dinner", "Snacks"),
    "Meal(P2)": (" Lunch", " Dinner", " Snacks"),
    "Perference(P1)": ("Non Veg foods (Lunch / Dinner)", "Veg foods (Breakfast / Lunch / Dinner)"),
    "Perference(P2)": (" Bakery items (snacks)", " Ice cream / Cool drinks"),
    "Influence of time": ("Yes", "No", "Maybe"),
    "Order Time": ("Weekend (Sat & Sun)", "Weekdays (Mon-Fri)", "Anytime (Mon-Sun)"),
    "Maximum wait time": ("15 minutes", "30 minutes", "45 minutes", "60 minutes"),
    "Influence of rating": ("Yes", "No", "Maybe"),
    "Output": ("Yes", "No"),
}
_AGREEING = ("Strongly agree", "Agree", "Neutral", "Disagree", "Strongly disagree")
_IMPORTANT = ("Very Important", "Important", "Moderately Important", "Slightly Important", "Unimportant")
_FIRST_IMPORTANT = HEADER.index("Less Delivery time")

Answers = dict[str, str]


def draw_answers(people: int, rng: random.Random) -> list[Answers]:
    """Draw one row per person. Nobody is like another in the first ten answers: each has a pin code of their own."""
    return [_draw_person(pin, rng) for pin in rng.sample(range(900_001, 900_999), people)]


def sentiment_of(answers: Answers) -> str:
    """Return positive, negative or neutral; `none` where nothing is written."""
    return next(sentiment for sentiment, texts in WORDS.items() if answers["Reviews"] in texts)


def answer_again(answers: Answers, rng: random.Random) -> Answers:
    """Draw a later answer of the same person: other opinions, and perhaps other words."""
    return {**_draw_person(0, rng), **{name: answers[name] for name in HEADER[:10]}}


def _draw_person(pin: int, rng: random.Random) -> Answers:
    latitude, longitude = (f"{rng.uniform(low, low + 0.2):.4f}" for low in (17.1, 76.8))
    answers = {
        "Age": str(rng.randint(18, 45)),
        "Gender": rng.choice(("Female", "Male")),
        "Family size": str(rng.randint(1, 6)),
        "latitude": latitude,
        "longitude": longitude,
        "Pin code": str(pin),
        "Reviews": rng.choice(WORDS[rng.choices(list(_WORDS_SHARES), list(_WORDS_SHARES.values()))[0]]),
    }
    return {name: answers[name] if name in answers else _draw_opinion(name, rng) for name in HEADER}


def _draw_opinion(name: str, rng: random.Random) -> str:
    scale = _IMPORTANT if HEADER.index(name) >= _FIRST_IMPORTANT else _AGREEING
    return rng.choice(_ABOUT.get(name, scale))
