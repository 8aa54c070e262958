"""Rounds: stalls, galleries, contributed venues and plazas given out by a draw that a loser can check (V7)."""
