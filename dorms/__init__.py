"""Rooms, applicants, tenancies: who gets a dormitory room, why, and until when."""
