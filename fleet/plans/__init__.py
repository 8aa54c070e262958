"""Who gets which car and driver, reckoned: values in, values out; no database, no web."""
