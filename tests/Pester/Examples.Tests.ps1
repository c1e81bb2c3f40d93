#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    . (Join-Path $PSScriptRoot 'Examples.ps1')
    Import-Module (Get-ModuleManifest) -Force

    function Get-PageCase {
        foreach ($page in Get-PageExample | Group-Object Page) {
            @{ Page = $page.Name; Examples = @($page.Group | ForEach-Object { @{ Title = $_.Title; Code = $_.Code; Text = $_.Text } }) }
        }
    }

    function Get-TopicCase {
        Get-TopicExample | Group-Object Page | ForEach-Object { @{ Page = $_.Name; Blocks = $_.Group.Code } }
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    . (Join-Path $PSScriptRoot 'Examples.ps1')
    Import-Module (Get-ModuleManifest) -Force
    $script:base = [guid]'d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:kept = @{ Home = (Get-PSProvider FileSystem).Home; ModulePath = $env:PSModulePath }

    # The expected output of examples: of the example on the page whose code matches the pattern.
    $script:promises = @(
        @{ Page = 'Get-SfBlobData'; Pattern = '-Offset 32769 -Length 5 -AsText'; Output = 'CD001' }
        @{ Page = 'Get-SfBlobData'; Pattern = 'ASCII\.GetString\(\$head, 1, 5\)$'; Output = 'CD001' }
        @{ Page = 'Get-SfBlobMetadata'; Pattern = '\(Get-SfBlobMetadata \$uuid -Key name\)\.Value$'; Output = 'debian-13' }
        @{ Page = 'Test-SfBlobData'; Pattern = '\nTest-SfBlobData \$uuid \./debian-13\.qcow2$'; Output = $true }
        @{ Page = 'Test-SfCapability'; Pattern = '^Test-SfCapability blob-data-limit$'; Output = $true }
        @{ Page = 'Wait-SfBlob'; Pattern = '-TimeoutSeconds 3 -ErrorAction Stop'; Output = 'It is not there yet.' }
    )

    # A disk with one partition in a master boot record.
    $script:partitioned = [byte[]]::new(64 * 512)
    $partitioned[450] = 0x83
    $partitioned[454] = 8
    $partitioned[458] = 56
    $partitioned[510] = 0x55
    $partitioned[511] = 0xAA

    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=sf', [Security.Cryptography.RSA]::Create(2048), 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $script:authority = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(1)).ExportCertificatePem()

    # A separate runspace or process finds the module by its name.
    $env:PSModulePath = (Get-ModulePath) + [IO.Path]::PathSeparator + $env:PSModulePath

    # Replaces Graphviz if it is not installed.
    if (-not (Get-Command dot -CommandType Application -ErrorAction Ignore)) {
        function dot {
            Copy-Item -LiteralPath $args[1] -Destination $args[3]
        }
    }

    function Start-World {
        [CmdletBinding(SupportsShouldProcess)]
        param()

        if ($PSCmdlet.ShouldProcess('Emulator', 'Start')) {
            $script:emulator = Start-Emulator -ArgumentList '--namespace', 'banana:fruit'
            $emulator.User = ConvertTo-Credential banana fruit
            $env:SHAKENFIST_API_URL = $emulator.Url
            $env:SHAKENFIST_NAMESPACE = $emulator.Admin.UserName
            $env:SHAKENFIST_KEY = $emulator.Admin.GetNetworkCredential().Password
        }
    }

    # Creates a transfer of the base image with the first megabyte.
    function Add-InterruptedTransfer {
        param([string] $Path)

        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'CutAfter'; AfterBytes = 1MB }
        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'Status'; Status = 403 }
        Save-SfBlobData $base -Path $Path -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'AccessForbidden,*'
    }

    # Creates a directory, and a home directory, with the files in the examples.
    function Enter-World {
        param([string] $Page)

        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item (Join-Path $folder 'backup') -ItemType Directory -Force
        $null = New-Item (Join-Path $folder 'home/images') -ItemType Directory -Force
        $null = Connect-ShakenFist $emulator.Url $emulator.Admin
        if ($Page -like '*-SfBlobTransfer') {
            Add-InterruptedTransfer (Join-Path $folder 'debian-13.qcow2')
            Add-InterruptedTransfer (Join-Path $folder 'backup/debian-13.qcow2')
        }
        elseif ($Page -notlike 'Save-*') {
            Save-SfBlobData $base -Path (Join-Path $folder 'debian-13.qcow2')
        }

        [IO.File]::WriteAllBytes((Join-Path $folder 'disk.img'), $partitioned)

        # A truncated image, and a certificate authority.
        [IO.File]::WriteAllBytes((Join-Path $folder 'home/images/broken.qcow2'), (Get-SfBlobData $base -First 64KB))
        Set-Content (Join-Path $folder 'home/sf-ca.pem') -Value $authority
        (Get-PSProvider FileSystem).Home = Join-Path $folder 'home'

        # Replaces the prompt for a key, and the browser.
        Mock Get-Credential { $UserName -eq 'system' ? $emulator.Admin : $emulator.User }
        Mock Read-Host { $emulator.User.Password }
        Mock Invoke-Item {}
        Push-Location $folder
    }

    function Exit-World {
        Pop-Location
        Get-Job | Remove-Job -Force
        Clear-EmulatorFault $emulator
    }

    # Replaces placeholders that cannot exist in a directory.
    function Resolve-Placeholder {
        param([string] $Code)

        $program = (Get-EmulatorPath) -replace '\.dll$', ($IsWindows ? '.exe' : '')
        $Code.Replace('https://sf.example.com/api', $emulator.Url.TrimEnd('/')).Replace("'sf-blob-emulator'", "'$program'")
    }

    function Get-LastCommand {
        param([Management.Automation.Language.StatementAst] $Statement)

        $pipeline = $Statement -is [Management.Automation.Language.AssignmentStatementAst] ? $Statement.Right : $Statement
        if ($pipeline -is [Management.Automation.Language.PipelineAst] -and $pipeline.PipelineElements[-1] -is [Management.Automation.Language.CommandAst]) {
            $pipeline.PipelineElements[-1]
        }
    }

    # Each output object of a command of this module must have a type on its page.
    function Assert-OutputType {
        param([AllowNull()] [Management.Automation.Language.CommandAst] $Source, [object[]] $Output)

        $command = $Source ? (Get-Command $Source.GetCommandName() -Module ShakenFist.Blobs -ErrorAction Ignore) : $null
        foreach ($item in $command ? $Output : @()) {
            if ($null -ne $item) {
                @($command.OutputType.Type | Where-Object { $item -is $_ }) | Should -Not -BeNullOrEmpty -Because "$($command.Name) put out $($item.GetType())"
            }
        }
    }

    # Commands that change something have no output, and some examples find nothing.
    function Test-MustOutput {
        [OutputType([bool])]
        param([string] $Code, [string] $Text, [Management.Automation.Language.StatementAst] $Last)

        $command = Get-LastCommand $Last
        $quiet = $command -and ($command.Redirections -or $command.GetCommandName() -notmatch '-' -or
            $command.GetCommandName() -match '^(Remove|Disconnect|Invoke)-' -or
            ($command.GetCommandName() -match '^(New|Set|Save|Resume|Export)-' -and $Code -notmatch 'PassThru' -and
                -not ($command.GetCommandName() -eq 'Export-SfBlobGraph' -and $Code -notmatch '-Path')))
        -not ($quiet -or $Last -is [Management.Automation.Language.AssignmentStatementAst] -or
            $Text -match '[Nn]othing is output|[Nn]o output' -or $Code -match 'SilentlyContinue|-WhatIf|if \(\$failed\)')
    }
}

AfterAll {
    (Get-PSProvider FileSystem).Home = $kept.Home
    $env:PSModulePath = $kept.ModulePath
    'API_URL', 'NAMESPACE', 'KEY' | ForEach-Object { [Environment]::SetEnvironmentVariable("SHAKENFIST_$_", $null) }
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
}

Describe 'The examples of <Page>' -ForEach (Get-PageCase) {
    BeforeAll { Start-World -Confirm:$false }
    AfterAll { Stop-Emulator $emulator -Confirm:$false }
    BeforeEach { Enter-World $Page }
    AfterEach { Exit-World }

    It '<Title>' -ForEach $Examples {
        $native = @('gzip' | Where-Object { $Code -match "\b$_\b" -and -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) })
        if ($native) {
            Set-ItResult -Skipped -Because "there is no $native on this machine"
        }

        # Run statement by statement, as at a prompt.
        $ErrorActionPreference = 'Stop'
        $statements = (Get-ExampleAst (Resolve-Placeholder $Code)).EndBlock.Statements
        $everything = foreach ($statement in $statements) {
            $output = @(. ([scriptblock]::Create($statement.Extent.Text)))
            $output
            $taken = $statement -is [Management.Automation.Language.AssignmentStatementAst] ? (Get-Variable $statement.Left.VariablePath.UserPath -ValueOnly) : $output
            Assert-OutputType (Get-LastCommand $statement) $taken
        }

        if (Test-MustOutput -Code $Code -Text $Text -Last $statements[-1]) {
            $everything | Should -Not -BeNullOrEmpty
        }

        if ($Code -match '\.FullyQualifiedErrorId$') {
            $Text -match 'the error is (?<id>\w+)' | Should -BeTrue
            $everything | Should -BeLike "$($Matches.id),*"
        }

        foreach ($promise in $promises | Where-Object { $_.Page -eq $Page -and $Code -match $_.Pattern }) {
            $everything | Should -Be $promise.Output
        }
    }
}

Describe 'The expected outputs of the examples' {
    It 'each match exactly one example' {
        $examples = Get-PageExample
        foreach ($promise in $promises) {
            @($examples | Where-Object { $_.Page -eq $promise.Page -and $_.Code -match $promise.Pattern }).Count | Should -Be 1 -Because $promise.Pattern
        }
    }
}

Describe 'The examples of <Page>' -ForEach (Get-TopicCase) {
    BeforeAll { Start-World -Confirm:$false }
    AfterAll { Stop-Emulator $emulator -Confirm:$false }
    BeforeEach { Enter-World $Page }
    AfterEach { Exit-World }

    It 'run one after another, or are script files' {
        $ErrorActionPreference = 'Stop'
        foreach ($code in $Blocks.ForEach({ Resolve-Placeholder $_ })) {
            if ($code -match '^# (?<file>\S+\.ps1)\n') {
                Set-Content $Matches.file -Value $code
            }
            else {
                $null = . ([scriptblock]::Create($code))
            }
        }

        foreach ($file in Get-ChildItem *.Tests.ps1) {
            # Pester inside Pester would share its state.
            Invoke-Pwsh "
                Import-Module '$((Get-Module Pester).Path)'
                `$result = Invoke-Pester '$($file.FullName)' -PassThru -Output None
                `$result.Failed.ErrorRecord
                exit (`$result.PassedCount -eq 0) + `$result.FailedCount + `$result.FailedContainersCount" | Should -BeNullOrEmpty
            $LASTEXITCODE | Should -Be 0
        }
    }
}
