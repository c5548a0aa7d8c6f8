"""What a reading of the computer's clock is worth: pure, no database, no clock of its own."""
