from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the environment may change: SHELF_TITLE, SHELF_DATA."""

    model_config = SettingsConfigDict(env_prefix="SHELF_")

    title: str = "Shelf"
    data: Path = Path("data")


settings = Settings()
