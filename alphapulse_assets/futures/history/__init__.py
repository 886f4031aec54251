"""The past of funding rates and open interest: files of people, venues' histories, bulk archives."""
