"""News as they are collected: canonical, plain, told apart from copies, in their language."""
