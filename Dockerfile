# One image for all services; the command says which: python -m services <portal|fleet|venues|dorms|messenger> <web|worker|migrate>
FROM python:3.13-slim AS libraries
COPY requirements.lock /
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r /requirements.lock

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin citykeys \
 && install -d -o citykeys -g citykeys -m 0750 /data
COPY --from=libraries /opt/venv /opt/venv
WORKDIR /srv/citykeys
COPY . .
RUN /opt/venv/bin/python -m compileall -q .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    KEYS_DIR=/run/keys \
    HOST=0.0.0.0 \
    PORT=8000 \
    ROLE=web
USER 10001:10001
EXPOSE 8000
CMD ["sh", "-c", "exec python -m services \"$SERVICE\" \"$ROLE\""]
