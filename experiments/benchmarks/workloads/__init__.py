"""What is measured side by side: cases, their rivals, and how far ahead of these we want to be."""
