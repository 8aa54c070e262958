"""Shapes of the venues service: `taken` in from programs and forms, `given` out to programs."""
