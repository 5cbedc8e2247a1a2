"""fanzha (反诈): the platform of a city's anti-scam centre."""
