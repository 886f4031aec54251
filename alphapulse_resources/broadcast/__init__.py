"""What is told while it happens: from whoever stores it to every process that serves it."""
