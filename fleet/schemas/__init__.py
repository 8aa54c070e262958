"""Shapes of the fleet service: `taken` in from programs and forms, `given` out to programs. Field names are those of
the contract; ids are strings outside."""
