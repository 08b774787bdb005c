"""Where the recipe finds its inputs and puts its results; the arguments every step shares."""
import argparse
import os
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent
QUALITY = MODELS.parent / "docs" / "quality"
PREFIX = "query: "
MAX_TOKENS = 512
DIMS = 384
BUCKETS = (16, 32, 64, 128, 256, 512)
CALL_TOKENS = 512
POLARITIES = ("negative", "neutral", "positive")
INTENTS = ("complaint", "praise", "suggestion", "question", "churn")
TOPICS = (
    "product_quality", "malfunction", "performance", "usability", "features", "price_value",
    "billing_payment", "returns_warranty", "account_access", "privacy_security", "delivery",
    "ordering_availability", "customer_support", "staff", "information", "service_reliability",
    "waiting_time", "facilities", "food_drink", "location_access", "health_safety",
    "contract_terms", "general",
)
SHORT = {"neg": 0, "neu": 1, "pos": 2}


def arguments(description):
    """The shared parser: --data, --work, --seed; a step adds its own flags before parsing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("ECHOLOT_DATA_DIR", "../shared/data")))
    parser.add_argument("--work", type=Path, default=Path(".cache/models"))
    parser.add_argument("--seed", type=int, default=20250711)
    return parser
