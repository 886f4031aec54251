"""Files of funding rates and of open interest as people have them: archives, venues' answers, tables.

`read_file` reads any of them into the rows of `futures_history.rows` and says what it took for granted. It
refuses to guess: times that name no zone, rates that may be percent, files that say another symbol or venue.
"""

from alphapulse_resources.futures_history.files.options import FileOptions
from alphapulse_resources.futures_history.files.reading import FuturesFile, read_file

__all__ = ["FileOptions", "FuturesFile", "read_file"]
