"""docx → placed pages → PDF/A: see ``layout``, ``pdf``, ``fonts`` and ``model``; nothing is loaded here."""
