"""Electric cars and the posts they charge at: how full they are and will be, slots, plans of a day, and what the posts say."""
