"""Packets: the papers of one person and one occasion as one file to print."""
