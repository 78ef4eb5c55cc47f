"""Questions that sigconv is asked, each with a script that answers it."""
