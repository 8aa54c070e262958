"""Cars, drivers, trips and charging posts shared by the city's agencies (公務車輛統一調派)."""
