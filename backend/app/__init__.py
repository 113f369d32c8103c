"""Easel: a self-hosted text-to-image service for teams."""

__version__ = "0.1.0"
