#Requires -Version 7.4
<#
.SYNOPSIS
    Makes docs/maml/ from the pages in docs/en-US/.
.DESCRIPTION
    Needs Microsoft.PowerShell.PlatyPS 1.x. The result is committed, so that a build does without it.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot

# PlatyPS leaves the fenced code of an example in its text, including the backticks, and separates paragraphs with a control character.
# Get-Help displays code correctly only in a code element.
function Set-ExampleCode {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [xml] $Maml)

    foreach ($example in @($Maml.GetElementsByTagName('command:example'))) {
        $title = $example['maml:title']
        if (-not $PSCmdlet.ShouldProcess($title.InnerText, 'Mark the code')) {
            continue
        }

        $introduction = $example['maml:introduction']
        $text = (@($introduction.ChildNodes).InnerText -replace '[\x80-\x9f]', '' | Where-Object { $_ }) -join "`n`n"
        if ($text -notmatch '(?s)^(?<before>.*?)```powershell\n(?<code>.*?)\n```\s*(?<after>.*)$') {
            throw "There is no code in '$($title.InnerText)'."
        }

        $introduction.RemoveAll()
        $example['dev:code'].InnerText = $Matches.code
        $remarks = $example['dev:remarks']
        $remarks.RemoveAll()
        foreach ($paragraph in @("$($Matches.before)`n`n$($Matches.after)".Trim() -split '\n{2,}') + '') {
            $para = $remarks.AppendChild($Maml.CreateElement('maml', 'para', $introduction.NamespaceURI))
            $para.InnerText = $paragraph
        }
    }

    # Relative links are useful only within docs/. Links without a target are not useful at all.
    foreach ($link in @($Maml.GetElementsByTagName('maml:navigationLink'))) {
        if (-not $link['maml:uri'].InnerText) {
            $null = $link.ParentNode.RemoveChild($link)
        }
        elseif ($link['maml:uri'].InnerText -notmatch '^https?:') {
            $link['maml:uri'].InnerText = ''
        }
    }
}

# PlatyPS does not write the default values of parameters.
function Add-DefaultValue {
    param([xml] $Maml, [object[]] $Page)

    foreach ($command in $Maml.GetElementsByTagName('command:command')) {
        $described = ($Page | Where-Object Title -EQ $command['command:details']['command:name'].InnerText).Parameters
        foreach ($parameter in $command['command:parameters'].ChildNodes) {
            $default = ($described | Where-Object Name -EQ $parameter['maml:name'].InnerText).DefaultValue
            if ($default) {
                $type = $parameter['dev:type']
                $value = $parameter.InsertAfter($Maml.CreateElement('dev', 'defaultValue', $type.NamespaceURI), $type)
                $value.InnerText = $default
            }
        }
    }
}

function Export-Maml {
    param([xml] $Maml, [string] $Path)

    $null = New-Item -ItemType Directory -Path (Split-Path $Path) -Force
    $settings = [Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [Text.UTF8Encoding]::new($false) }
    $writer = [Xml.XmlWriter]::Create($Path, $settings)
    try {
        $Maml.Save($writer)
    }
    finally {
        $writer.Dispose()
    }

    [IO.File]::AppendAllText($Path, "`n")
}

$platyPS = Get-Module Microsoft.PowerShell.PlatyPS -ListAvailable | Where-Object { $_.Version.Major -ge 1 }
if (-not $platyPS) {
    throw 'Docs needs PlatyPS 1.x: Install-PSResource Microsoft.PowerShell.PlatyPS'
}

Import-Module $platyPS[0].Path
$pages = Get-ChildItem (Join-Path $root 'docs/en-US') -Filter '*-*.md' | Import-MarkdownCommandHelp
$faults = @($pages.Diagnostics.Messages | Where-Object Severity -In 'Error', 'Warning')
if ($faults) {
    throw "PlatyPS cannot read all of the pages: $($faults.ForEach({ "$($_.Message) $($_.Identifier)" }) -join "; ")"
}

# PlatyPS creates a subfolder in the specified folder, so its file is written to another folder and copied.
$aside = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
try {
    $null = $pages | Export-MamlCommandHelp -OutputFolder $aside -Force
    foreach ($file in Get-ChildItem $aside -Filter '*-Help.xml' -Recurse) {
        $maml = [xml]::new()
        $maml.Load($file.FullName)
        Set-ExampleCode -Maml $maml -Confirm:$false
        Add-DefaultValue -Maml $maml -Page $pages
        Export-Maml -Maml $maml -Path "$root/docs/maml/$($file.Name)"
    }
}
finally {
    Remove-Item -LiteralPath $aside -Recurse -Force -ErrorAction Ignore
}
