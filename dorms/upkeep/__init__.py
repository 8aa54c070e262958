"""Upkeep of what is lent: legacy houses on the register, yearly checks and residence visits, repairs (D-07, D-40 to D-44)."""
