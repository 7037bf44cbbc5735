"""Hosts of which each has something else the matter with it."""

FLEET = {
    "sgp-01": "healthy",
    "tyo-02": "ahead",
    "sgp-03": "not listed",
    "fra-04": "withdrawals on",
    "hkg-05": "silent: unreachable",
    "osa-06": "no clock at all",
}
