"""What is fetched and is no venue's market. One package a provider, behind the same gateway as the venues."""
