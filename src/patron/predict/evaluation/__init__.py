"""How good the purchase models are on a shop's own past: fitted as of an earlier day, held against what came after."""
