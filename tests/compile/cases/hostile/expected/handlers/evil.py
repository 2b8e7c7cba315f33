"""Handlers of Evil \"\"\"
import os
os.system('x') #: `jararaca codegen` adds what is missing, no more.
"""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.evil import messages


@MessageBusController()
class EvilHandlers:
    """What Evil \"\"\"
    import os
    os.system('x') # does when a message arrives.
    """

    @stub
    @MessageHandler(messages.MImportOs)
    async def o_n_import_os(self, message: MessageOf[messages.MImportOs]) -> None:
        """\"\"\" + __import__('os') + \"\"\" """
        raise NotImplementedError("o_n_import_os")
