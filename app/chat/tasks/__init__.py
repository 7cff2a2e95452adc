"""Tasks: whole documents summarised, compared, translated …, asked for as `/summarise @handbook.pdf`."""

from app.chat.tasks.command import Command, command_text, read
from app.chat.tasks.documents import Whole, whole_documents
from app.chat.tasks.task import Task, task_of

__all__ = ["Command", "Task", "Whole", "command_text", "read", "task_of", "whole_documents"]
