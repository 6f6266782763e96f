# One image for web, worker, beat and migrate; docker-compose.yml gives each its command.
FROM python:3.11-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/python -m pip install --require-hashes --no-deps --only-binary :all: --requirement requirements.txt

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin stillpoint
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=config.settings
WORKDIR /srv/stillpoint
COPY . .
# The pages' files, with their hashes in their names. The settings want an environment; none of this one is kept.
RUN SECRET_KEY=for-this-step-only PUBLIC_URL=https://build.invalid DATABASE_URL=postgres://build.invalid/none \
    REDIS_URL=redis://build.invalid/0 python manage.py collectstatic --no-input
USER stillpoint
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "15", "--bind", "0.0.0.0:8000", "--no-control-socket", "--log-level", "warning"]
