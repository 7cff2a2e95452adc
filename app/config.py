"""Docent's settings: one typed model, read from `DOCENT_*` variables and a `.env` file when asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import ConfigurationError

# A collection is a folder: the name must be one on every system, and mean nothing to a shell or a path.
COLLECTION_NAME = r"\w[\w.\-]{0,62}"


def _collection_name(name: str) -> str:
    if not re.fullmatch(COLLECTION_NAME, name):
        raise ValueError("a collection's name is up to 63 letters, digits, '_', '-' and '.', without spaces")
    return name


Name = Annotated[str, AfterValidator(_collection_name)]


class Settings(BaseSettings):
    """Each field is the variable `DOCENT_<FIELD>`; its description is the comment in `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix="DOCENT_", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    # Where things are
    data_dir: Path = Field(Path("data"), description="Folder of all collections, conversations and models.")
    collection: Name = Field("default", description="Collection that is used when none is named.")
    history_url: str = Field(
        "",
        repr=False,
        description="SQLAlchemy URL of the conversations; empty: DOCENT_DATABASE_URL, or the data folder.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL for catalogues, conversations and indexes, as "
        "postgresql://user:password@host/docent; empty: files in the data folder.",
    )

    # Index
    vector_backend: str = Field(
        "chroma", description="Vector store: chroma, faiss, milvus, pgvector, pinecone or qdrant."
    )
    keyword_backend: Literal["auto", "tantivy", "milvus", "postgres", "qdrant"] = Field(
        "auto",
        description="Keyword index: tantivy, milvus, postgres or qdrant; auto: with the vectors on their "
        "server, else in PostgreSQL where that is set, else tantivy.",
    )
    embedding_model: str = Field(
        "all-MiniLM-L6-v2",
        description="all-MiniLM-L6-v2 (built in), any sentence-transformers name or path, or openai:NAME.",
    )
    embedding_runtime: Literal["auto", "onnx", "torch"] = Field(
        "auto", description="auto: onnx for BERT-like models on a CPU, torch for the rest and for GPUs."
    )
    embedding_precision: Literal["auto", "int8", "float32"] = Field(
        "auto",
        description="What vectors are computed in on onnx; auto: int8 for the built-in model, else float32.",
    )
    embedding_base_url: str = Field("", description="OpenAI-compatible server for openai:… embeddings.")
    embedding_api_key: SecretStr | None = Field(
        None, description="Key of that server; without a server, OPENAI_API_KEY is taken."
    )
    chunk_tokens: int = Field(
        256, ge=32, le=8192, description="Longest chunk in the embedding model's tokens (or its own limit)."
    )

    ocr: Literal["auto", "off", "on"] = Field(
        "auto", description="Text recognition by tesseract: auto for pages without text, on for all, off."
    )
    ocr_languages: str = Field(
        "kor+eng",
        pattern=r"^[\w-]+(\+[\w-]+)*$",
        description="Languages of text recognition in tesseract's names; those not installed are left out.",
    )

    # FAISS
    faiss_kind: Literal["auto", "flat", "sq8", "ivf", "hnsw"] = Field(
        "auto",
        description="Index of FAISS; auto: flat, which is exact, below 100,000 vectors, then ivf "
        "(docs/scaling.md).",
    )
    faiss_gpu: Literal["auto", "off", "on"] = Field(
        "auto", description="Search on a graphics card; auto: where faiss-gpu is installed and finds one."
    )

    # Servers
    server_seconds: float = Field(
        30,
        gt=0,
        description="Longest time that one request to a vector store or database may take, in seconds.",
    )
    server_retries: int = Field(
        3, ge=0, le=20, description="Further tries within that time after an error that may pass."
    )

    # Chroma server
    chroma_url: str = Field(
        "", description="Chroma server, such as http://localhost:8000; empty: Chroma in the data folder."
    )
    chroma_token: SecretStr | None = Field(None, description="Its token, where it wants one.")
    chroma_ca: Path | None = Field(
        None, description="PEM file of the authority of its certificate; empty: those the system trusts."
    )
    chroma_tenant: str = Field("default_tenant", description="Its tenant.")
    chroma_database: str = Field("default_database", description="Its database.")

    # PostgreSQL
    pgvector_type: Literal["vector", "halfvec"] = Field(
        "vector", description="How pgvector keeps numbers: vector is 4 bytes each, halfvec 2."
    )
    pgvector_ef_search: int = Field(
        300, ge=10, le=1000, description="Candidates of pgvector's graph; more finds more, and takes longer."
    )

    # Pinecone
    pinecone_api_key: SecretStr | None = Field(None, description="Key of Pinecone.")
    pinecone_host: str = Field(
        "https://api.pinecone.io", description="Where its indexes are asked for: Pinecone, or an emulator."
    )
    pinecone_index: str = Field(
        "docent",
        pattern=r"^[a-z0-9]([a-z0-9-]{0,35}[a-z0-9])?$",
        description="What its indexes are called; the vectors' dimension is added to it.",
    )
    pinecone_cloud: Literal["aws", "gcp", "azure"] = Field(
        "aws", description="Cloud in which an index is made: aws, gcp or azure."
    )
    pinecone_region: str = Field("us-east-1", description="Region of that cloud.")

    # Milvus
    milvus_uri: str = Field(
        "",
        repr=False,
        description="Milvus server, such as http://localhost:19530; empty: milvus-lite in the data folder.",
    )
    milvus_token: SecretStr | None = Field(None, description="Its token, or user:password.")
    milvus_database: str = Field("", description="Its database; empty: default.")
    milvus_ca: Path | None = Field(
        None, description="PEM file of the authority of its certificate; empty: those the system trusts."
    )

    # Qdrant
    qdrant_url: str = Field(
        "",
        repr=False,
        description="Qdrant server, such as http://localhost:6333; empty: Qdrant in the data folder.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="Its API key.")
    qdrant_ca: Path | None = Field(
        None, description="PEM file of the authority of its certificate; empty: those the system trusts."
    )
    qdrant_shards: int | None = Field(
        None, ge=1, description="Parts of a new index in a cluster; empty: the server's default."
    )
    qdrant_replicas: int | None = Field(
        None, ge=1, description="Copies of each part of a new index; empty: the server's default."
    )

    # Ray
    ingest_engine: Literal["local", "ray"] = Field(
        "local", description="Who reads and embeds when files are indexed: local (this machine), or ray."
    )
    ray_address: str = Field(
        "", description="Ray cluster: HOST:PORT, ray://HOST:PORT or auto; empty: one is started here."
    )

    # Reading files
    read_workers: int = Field(
        0,
        ge=0,
        le=64,
        description="Files that are read at once; 0: one for each core, at least 2, at most 8.",
    )
    read_seconds: float = Field(120, gt=0, description="Longest time that reading one file may take.")
    read_memory_mb: int = Field(
        2048, ge=64, description="Most memory that reading one file may take, in MB (not on Windows)."
    )
    read_output_mb: int = Field(64, ge=1, description="Most text that one file may hold, in MB.")
    web_allowed_hosts: str = Field(
        "", description="Private hosts whose pages may be indexed: names or addresses, parted by commas."
    )

    # Search
    top_k: int = Field(6, ge=1, le=50, description="How many chunks an answer may stand on.")
    dense_weight: float | None = Field(
        None, ge=0, le=1, description="Share of the vector search in the score; empty: by how well it reads."
    )
    search_pool: int = Field(
        50, ge=10, le=1000, description="Candidates of each search, and passages that a reranker reads."
    )
    rerank_model: str = Field(
        "", description="Any sentence-transformers CrossEncoder, name or path; empty: no reranking."
    )
    mmr: float | None = Field(
        None, ge=0, le=1, description="MMR: 1 is relevance alone, lower is more variety; empty: off."
    )
    query_expansion: Literal["none", "multi", "hyde"] = Field(
        "none", description="With a language model: multi rewords a query, hyde imagines its answer."
    )

    # Language model
    llm_model: str = Field(
        "",
        description="provider:model, such as openai:gpt-4o-mini, groq:llama-3.3-70b-versatile or "
        "ollama:qwen3; empty: answers without a model.",
    )
    llm_base_url: str = Field(
        "", description="Any OpenAI-compatible server, such as http://localhost:8000/v1."
    )
    llm_api_key: SecretStr | None = Field(
        None, description="Its key; empty: the provider's own variable below."
    )
    llm_fallback_model: str = Field("", description="provider:model that answers when the first one fails.")
    llm_timeout: float = Field(60, gt=0, description="Seconds to wait for the server's next words.")
    llm_retries: int = Field(2, ge=0, le=10, description="Further tries after an error that may pass.")
    temperature: float | None = Field(0.0, ge=0, le=2, description="0: the likeliest words; higher: freer.")
    seed: int | None = Field(None, description="Same seed, same words, where the server supports it.")
    top_p: float | None = Field(
        None, gt=0, le=1, description="Nucleus sampling; empty: the server's default."
    )
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer in tokens.")
    price_prompt: float | None = Field(
        None, ge=0, description="US dollars for a million tokens of a prompt; empty: as published, if known."
    )
    price_completion: float | None = Field(
        None, ge=0, description="The same for a million tokens of an answer."
    )
    extract_parallel: int = Field(
        4, ge=1, le=64, description="How many documents a model is asked about at once, to fill a table."
    )
    history_tokens: int = Field(
        2000,
        ge=0,
        description="How many tokens of a conversation a question is told, summary included; 0: none.",
    )
    role: str = Field(
        "default", description="Who answers: default, advisor, auditor, … or a role of your own."
    )
    style: str = Field("plain", description="How: plain, step_by_step, short, table, … or one of your own.")
    examples: str = Field(
        "none", description="Sample answers for the model: none, citations, korean or policy."
    )
    schemas: str = Field(
        "", description="Python modules with pydantic classes for typed answers, parted by commas."
    )
    schema_dir: Path | None = Field(
        None, description="Folder of schemas for typed answers, as YAML or JSON Schema files."
    )
    follow_ups: Literal["model", "documents", "off"] = Field(
        "documents",
        description="Who suggests what to ask next: the language model, the documents alone, or nobody.",
    )
    free_chat: bool = Field(
        True, description="Whether people may talk to the model without documents; false forbids it."
    )
    auto_titles: bool = Field(
        True, description="Whether the model gives a conversation a short title after its first answer."
    )
    typed_repairs: int = Field(
        2,
        ge=0,
        le=10,
        description="How often a typed answer that does not fit its schema is asked for again.",
    )
    typed_unsupported: Literal["null", "keep"] = Field(
        "null", description="Values of typed answers that nothing supports: null, or keep and only mark them."
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("openai_api_key", "OPENAI_API_KEY"),
        description="Key for openai:… models.",
    )
    groq_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("groq_api_key", "GROQ_API_KEY"),
        description="Key for groq:… models.",
    )

    # Browser
    language: Literal["auto", "en", "ko"] = Field(
        "auto", description="Language of the pages; auto follows the browser."
    )
    host: str = Field("localhost", description="Address to serve on; 0.0.0.0 opens it to the network.")
    port: int = Field(8501, ge=1, le=65535, description="First port to try.")
    stop_seconds: float = Field(
        8,
        ge=0,
        le=3600,
        description="Seconds that answers under way have to end when the server is told to stop.",
    )
    max_upload_mb: int = Field(200, ge=1, description="Largest file that may be uploaded, in MB.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="How much is logged to standard error."
    )


def env_name(field: str) -> str:
    """The variable that sets `field`: the first upper-case alias, else DOCENT_<FIELD>."""
    alias = Settings.model_fields[field].validation_alias
    names = [name for name in getattr(alias, "choices", []) if isinstance(name, str) and name.isupper()]
    return names[0] if names else f"DOCENT_{field.upper()}"


def env_file() -> Path:
    """The file that settings come from: `DOCENT_ENV_FILE`, else `.env` in the working directory."""
    return Path(os.environ.get("DOCENT_ENV_FILE") or Path.cwd() / ".env")


def unknown_variables() -> list[str]:
    """DOCENT_… names in the environment and the file that no setting listens to, sorted."""
    known = {env_name(field) for field in Settings.model_fields} | {
        "DOCENT_ENV_FILE",
        "DOCENT_REQUIRE_BROWSER",
        "DOCENT_REQUIRE_OCR",
    }
    given = {*os.environ, *dotenv_values(env_file())}
    return sorted(name for name in given if name.upper().startswith("DOCENT_") and name.upper() not in known)


def load_settings(**overrides: object) -> Settings:
    """Read the settings anew; `overrides` that are not None win over files and variables.

    Raises:
        ConfigurationError: a value does not fit; the message names each variable, its value and why.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=env_file(), **given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError("\n".join(_explain(error, given))) from None


def _explain(error: ValidationError, given: Container[str]) -> Iterator[str]:
    """A line for each value that does not fit; where it came from is where it is to be changed."""
    for problem in error.errors(include_url=False):
        field = str(problem["loc"][0])
        value = "…" if "key" in field or "database_url" in field else repr(problem["input"])
        why = problem["msg"].removeprefix("Value error, ")
        if field in given:
            yield f"{field.replace('_', ' ')} {value}: {why}."
        else:
            name = env_name(field) if field in Settings.model_fields else field
            yield f"{name}={value}: {why}. Change it in the environment or in {env_file()}."
