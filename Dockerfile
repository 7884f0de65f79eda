# patron in an image: `docker build -t patron .`, then `docker run --rm patron demo`. See docs/deployment.md.
# BASE is any Debian 12 with Python 3.11 and its venv module.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS build
# More extras than the lock has, with commas: kafka, auth, dbt, dagster.
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/patron
WORKDIR /src
# The lock stands alone, so that a change of patron does not install its dependencies anew.
COPY lock-linux-py311.txt constraints.txt ./
RUN /opt/patron/bin/pip install --require-hashes --no-deps -r lock-linux-py311.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/patron/bin/pip install -c constraints.txt ".[postgres,xlsx${EXTRAS:+,$EXTRAS}]" \
    && /opt/patron/bin/pip uninstall --yes pip setuptools \
    && find /opt/patron/lib -path '*/site-packages/patron' -prune -o -type d -name tests -prune -exec rm -r {} +

FROM ${BASE}
LABEL org.opencontainers.image.title="patron" \
      org.opencontainers.image.description="What each customer is worth, who is about to leave, and what to do" \
      org.opencontainers.image.licenses="Apache-2.0"
# LightGBM needs OpenMP, which its wheel does not bring.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends "libgomp1=12.2.0-*" \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 1000 patron \
    && useradd --uid 1000 --gid 1000 --create-home patron \
    && install --directory --owner=patron --group=patron /project
COPY --from=build /opt/patron /opt/patron
ENV PATH=/opt/patron/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# By number: a cluster that refuses root cannot look up names.
USER 1000:1000
WORKDIR /project
EXPOSE 8501
# Of the dashboard, which is what the image does unless told otherwise.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["patron"]
CMD ["dashboard", "--no-browser", "--address", "0.0.0.0"]
