"""Examples of journeyscore, each with its own tests."""
