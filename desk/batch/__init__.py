"""Many people at once: a roster in, documents for each row and a result workbook out."""
