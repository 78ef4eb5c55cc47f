"""What the measurements say, as Markdown and figures; nothing is measured here, and no sentence is true by itself."""
