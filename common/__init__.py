"""What every service stands on. Names none of their nouns."""
