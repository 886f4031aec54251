"""`/ws`: what streams store and the poller collects, told to who follows it, so that nothing is missed."""
