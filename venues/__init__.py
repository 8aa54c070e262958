"""Halls, grounds, rooms and stages of City Hall: who has them when, and what it costs."""
