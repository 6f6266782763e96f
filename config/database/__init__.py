"""Django's PostgreSQL backend with one thing changed; `ENGINE` names this package."""
