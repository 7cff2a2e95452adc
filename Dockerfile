# Docent with its embedding model: no root, no PyTorch, nothing fetched at start. See docs/deploy.md.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
# The engines that can be reached, as extras of pyproject.toml.
ARG EXTRAS=milvus,pinecone,postgres,qdrant
# "cpu" adds PyTorch: for embedding models that are not like BERT, and for rerankers.
ARG TORCH=none
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV UV_LINK_MODE=copy UV_NO_CACHE=1 VIRTUAL_ENV=/opt/docent
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9 \
 && python -m venv --without-pip "$VIRTUAL_ENV"
WORKDIR /build
# What changes seldom comes first: a change of the code installs no package anew.
COPY constraints.txt pyproject.toml ./
# kubernetes is asked for by Chroma, whose client never imports it; the built-in model runs on onnxruntime alone.
RUN never="; sys_platform == 'never'" \
 && echo "kubernetes $never" > without.txt \
 && if [ "$TORCH" = none ]; then echo "sentence-transformers $never" >> without.txt; \
    else uv pip install --no-deps --index-url "https://download.pytorch.org/whl/$TORCH" "$(grep '^torch==' constraints.txt)"; fi \
 && set -- && for extra in $(echo "$EXTRAS" | tr , ' '); do set -- "$@" --extra "$extra"; done \
 && uv pip install --compile-bytecode --constraint constraints.txt --override without.txt -r pyproject.toml "$@"
COPY README.md LICENSE ./
COPY app app
COPY ingest ingest
COPY prompts prompts
COPY vectorstore vectorstore
RUN uv pip install --compile-bytecode --no-deps .

FROM python:${PYTHON}
# Debian packages, such as "tesseract-ocr tesseract-ocr-kor" for scans and "fonts-noto-cjk" for PDFs without their fonts.
ARG PACKAGES=""
# hadolint ignore=DL3008,SC2086
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install --yes --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi \
 && useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin docent \
 && install --directory --owner=docent --group=docent --mode=750 /data
COPY --from=build /opt/docent /opt/docent
# Written to are /data and /tmp alone, so that the rest may be mounted read-only.
ENV PATH=/opt/docent/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    HF_HOME=/data/models \
    DOCENT_DATA_DIR=/data \
    DOCENT_HOST=0.0.0.0
USER 10001:10001
# No folder of documents: a file ".env" among them would be read as settings.
WORKDIR /opt/docent
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ.get('DOCENT_PORT', 8501)}/healthz\", timeout=4)"]
ENTRYPOINT ["docent"]
CMD ["ui"]
