"""`jararaca export`: the contract for programs that do not use Jararaca."""
